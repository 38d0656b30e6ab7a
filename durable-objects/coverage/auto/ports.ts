// The calls to other Durable Objects that the watch for holes needs. These calls read the registry's runs, add
// windows to the window queue, and ask runs about the live worker's batches.
import type { CoveringRun, Idempotency } from "../../../src/contract/registry.ts";
import type { QueueAnswer, QueueRequest, WindowOutcome } from "../../../src/contract/windows.ts";
import type { Config } from "../../../src/platform/config.ts";
import type { Env } from "../../../src/platform/env.ts";
import { registryObject, runObject } from "../../../src/platform/objects.ts";
import type { SpanMs } from "../rules/cells.ts";
import type { SizeJudgement } from "./proof.ts";

export interface AutoPorts {
  covering(config: Config, span: SpanMs): Promise<CoveringRun[]>;
  /** What the newest runs found about the size of the live worker's batches, newest run first. */
  judgements(config: Config): Promise<SizeJudgement[]>;
  /** The queue's answer to an earlier request with this key. Null: the queue took no request with this key. */
  recall(config: Config, idempotency: Idempotency): Promise<WindowOutcome | null>;
  queue(config: Config, request: QueueRequest, idempotency: Idempotency): Promise<QueueAnswer>;
}

/** Each check asks at most this many runs, and stops at the first run that proves the size. */
const RUNS_ASKED = 20;

export function livePorts(env: Env): AutoPorts {
  const registry = ({ receiverId }: Config) => registryObject(env, receiverId);
  return {
    covering: (config, [startMs, endMs]) => registry(config).covering(startMs, endMs),
    async judgements(config) {
      const listed = await registry(config).list({ cursor: null, limit: RUNS_ASKED });
      const ids = listed.ok ? listed.page.items.map(({ id }) => id) : [];
      return (await Promise.all(ids.map((id) => judgementOf(env, id)))).filter((one) => one !== null);
    },
    async recall(config, idempotency) {
      const known = await registry(config).recallWindows(idempotency);
      if (known.ok) return known.outcomes[0] ?? null;
      if (known.code === "unknown_key") return null;
      throw new Error(known.detail);
    },
    queue: (config, request, idempotency) => registry(config).queueWindows(request, idempotency),
  };
}

/** How the run judges the size of the live worker's batches. Null: the run does not skip what the live worker
 * delivered, or does not answer. */
async function judgementOf(env: Env, run: string): Promise<SizeJudgement | null> {
  try {
    const answer = await runObject(env, run).status();
    const live = answer.ok ? answer.status.live : undefined;
    if (!live) return null;
    return { run, batchSize: live.batch_size, files: live.files_with_markers, doubt: live.doubt_code };
  } catch {
    return null;
  }
}
