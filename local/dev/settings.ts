// Makes the texts about vars and secrets that a start prints, and the commands to try. Prints no value, because any
// value may be a secret. The one exception is the token in the address of the local page.
import { resolve } from "node:path";
import { checkConfig } from "../../src/platform/config.ts";
import { misspeltText, misspeltVars } from "../../src/platform/misspelt-vars.ts";
import { parseLogKey } from "../../src/pipeline/log-keys.ts";
import { UsageError } from "../command-line.ts";

const WORKER = resolve(import.meta.dirname, "../../src/index.ts");
const HOUR_MS = 3_600_000;
const MAX_WINDOW_MS = 7 * 24 * HOUR_MS;
/** The window of the README's example. */
const EXAMPLE = { startMs: Date.parse("2026-04-22T14:00:00Z"), endMs: Date.parse("2026-04-22T15:00:00Z") };

export interface Settings {
  /** The vars of the Worker. Null: the Worker belongs to another project, and its vars are unknown here. */
  vars: Record<string, unknown> | null;
}

/** @throws UsageError for a name that is close to a known name, because the intended var would keep its
 * default. */
export function settingsOf(
  config: { main?: string | undefined; vars: Record<string, unknown> },
  given: Record<string, string>,
): Settings {
  if (config.main === undefined || resolve(config.main) !== WORKER) return { vars: null };
  const vars = { ...config.vars, ...given };
  const [misspelt] = misspeltVars(vars);
  if (misspelt) throw new UsageError(misspeltText(misspelt));
  return { vars };
}

/** Returns one line for each setting with which something will not work. */
export function warningsOf({ vars }: Settings): string[] {
  if (vars === null) return [];
  const checked = checkConfig(vars);
  if (!checked.ok) {
    return checked.faults.map(({ name, detail }) => `${name}: ${detail}; until then the API answers 500`);
  }
  const { missingSecrets, apiToken, apiTokens, accessRoles } = checked.config;
  const warnings: string[] = [];
  const isOpen = apiToken !== null || apiTokens.length > 0 || accessRoles !== null;
  if (!isOpen) warnings.push("API_TOKEN is not set: everything but /health answers 403");
  if (missingSecrets.length > 0) {
    warnings.push(`${missingSecrets.join(", ")} not set, and no RECEIVER: no run can be started`);
  }
  if (warnings.length > 0) warnings.push("a secret is given with --var KEY:VALUE; .dev.vars is not read");
  return warnings;
}

/** Returns the address of the page. With a token, who opens it is signed in, and the page removes the token from the
 * address. */
export function pageAddress(url: string, token: unknown): string {
  const isGiven = typeof token === "string" && token !== "";
  return isGiven ? `${url}/ui/#token=${encodeURIComponent(token)}` : `${url}/ui/`;
}

/** Returns the commands to try. Their window is that of the loaded logs. */
export function nextSteps(url: string, { vars }: Settings, keys: readonly string[]): string[] {
  if (vars === null) return [`try: curl -sS ${url}/`];
  const body = JSON.stringify(windowOf(keys));
  const token = '-H "Authorization: Bearer $API_TOKEN"';
  return [
    `page: ${pageAddress(url, vars["API_TOKEN"])}`,
    `try: curl -sS ${url}/health`,
    "     export API_TOKEN=…   # as given with --var",
    `     curl -sS ${url}/runs ${token}`,
    `     curl -sS -X POST ${url}/runs ${token} -d '${body}'`,
  ];
}

function windowOf(keys: readonly string[]): { start: string; end: string } {
  const ranges = keys.map(parseLogKey).filter((range) => range !== null);
  if (ranges.length === 0) return shown(EXAMPLE);
  const first = ranges.reduce((least, range) => Math.min(least, range.startMs), Infinity);
  const last = ranges.reduce((most, range) => Math.max(most, range.startMs, range.endMs), 0);
  return shown({ startMs: first, endMs: Math.min(last, first + MAX_WINDOW_MS) });
}

function iso(ms: number): string {
  return new Date(ms).toISOString().replace(".000Z", "Z");
}

function shown({ startMs, endMs }: { startMs: number; endMs: number }): { start: string; end: string } {
  return { start: iso(startMs), end: iso(endMs) };
}
