// The deployment's settings as they are now. They may change during a run. Owns no setting of the run itself.
import { checkConfig, type Config } from "../../../src/platform/config.ts";
import { misspeltVars, type MisspeltVar } from "../../../src/platform/misspelt-vars.ts";
import type { Env } from "../../../src/platform/env.ts";

/** Settings as they are now: they may change during a run, by a deployment. */
export type Settings = ({ ok: true; config: Config } | { ok: false; detail: string }) & {
  /** Names in the environment that look like a var and are none; they have no effect. */
  misspelt: MisspeltVar[];
};

export function settingsOf(env: Env): Settings {
  const checked = checkConfig(env);
  const misspelt = misspeltVars(env);
  if (checked.ok) return { ...checked, misspelt };
  const detail = checked.faults.map((fault) => `${fault.name}: ${fault.detail}`).join("; ");
  return { ok: false, detail, misspelt };
}

/** Which registry this run belongs to. With a bad configuration its name is not known: then the default is asked. */
export function receiverIdOf(settings: Settings): string {
  return settings.ok ? settings.config.receiverId : "ctyun";
}

/** Of the pattern that is set now; "" without one. */
export function printOf(settings: Settings): string {
  return settings.ok ? (settings.config.successPattern?.print ?? "") : "";
}
