// Defines what the queue needs from outside: the clock, the settings of the deployment, the Durable Objects of
// runs.
import { checkConfig, type ConfigAnswer } from "../../../src/platform/config.ts";
import type { Env } from "../../../src/platform/env.ts";
import { configFor } from "../../../src/platform/receiver-config.ts";
import type { Log } from "../../../src/platform/log.ts";
import { askNamedRuns } from "../named-runs.ts";
import type { RegistryStore } from "../store.ts";
import type { QueueDeps } from "./window-queue.ts";

export function queueDeps(env: Env, store: RegistryStore, log: Log): QueueDeps {
  // The settings change only with a deployment, which creates the Durable Object anew.
  let checked: ConfigAnswer | undefined;
  const config = (): ConfigAnswer => {
    checked ??= checkConfig(env);
    return checked.ok ? { ok: true, config: configFor(checked.config, store.receivers.own()) } : checked;
  };
  return {
    store,
    log,
    now: () => Date.now(),
    whyNoWindowStarts: () => {
      const answer = config();
      if (!answer.ok) {
        const detail = "a var or secret that cannot be used: bad_configuration";
        return { code: "bad_configuration", detail };
      }
      if (!answer.config.enabled) return { code: "disabled", detail: "BACKFILL_ENABLED" };
      if (answer.config.receiver) return null;
      const { receiverName, missingSecrets } = answer.config;
      const detail =
        receiverName === null
          ? `secrets: ${missingSecrets.join(", ")}`
          : `the receiver ${receiverName} in RECEIVERS`;
      return { code: "receiver_not_configured", detail };
    },
    maxLinesPerSecond: () => {
      const answer = config();
      return answer.ok ? answer.config.maxLinesPerSecond : Infinity;
    },
    sendsToHttp: () => {
      const answer = config();
      return answer.ok ? answer.config.receivers.http !== null : null;
    },
    askNamedRuns: (wanted) => askNamedRuns(env, store, wanted),
  };
}
