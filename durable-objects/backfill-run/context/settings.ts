// The present settings of the deployment, which may change during a run. The run's own settings are not here.
import type { RunSpec } from "../../../src/contract/run.ts";
import { receiverOf } from "../../../src/contract/run-id.ts";
import { checkConfig, receiverIdOf, type Config } from "../../../src/platform/config.ts";
import { answerRuleOf, configFor } from "../../../src/platform/receiver-config.ts";
import { misspeltVars, type MisspeltVar } from "../../../src/platform/misspelt-vars.ts";
import type { Env, Vars } from "../../../src/platform/env.ts";
import { VARS } from "../../../src/platform/vars.ts";
import { kindOf } from "../../../src/receivers/receiver.ts";

/** The present settings, or why they are invalid. A deployment may change them during a run. */
export type Settings = ({ ok: true; config: Config } | { ok: false; detail: string }) & {
  /** Names in the environment that resemble a var but are not one. They have no effect. */
  misspelt: MisspeltVar[];
};

/** The settings for the receiver of the run `runId`. */
export function settingsOf(env: Env, runId: string): Settings {
  const checked = checkConfig(env);
  const misspelt = misspeltVars(env);
  if (checked.ok) return { ok: true, config: configFor(checked.config, receiverOf(runId)), misspelt };
  const detail = checked.faults.map((fault) => `${fault.name}: ${fault.detail}`).join("; ");
  return { ok: false, detail, misspelt };
}

/** RECEIVER_ID for the run's registry, also while another var cannot be used. */
export function receiverIdFor(env: Vars): string {
  // While RECEIVER_ID is invalid, no run starts, and a run that has started is suspended.
  return receiverIdOf(env) ?? VARS.RECEIVER_ID.default;
}

/** The fingerprint of the present rule for answers to this run. "" without a rule. */
export function ruleFingerprint(settings: Settings, spec: Pick<RunSpec, "http">): string {
  return settings.ok ? (answerRuleOf(settings.config, kindOf(spec))?.print ?? "") : "";
}
