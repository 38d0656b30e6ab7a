// Checks a clone by running the clone's own doctor, because only the clone's code knows which settings it needs.
import { execFile } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { DoctorLine } from "../../contract/doctor.ts";
import { lineOf } from "./connection-checks.ts";

const NAME = "ctyun-logpush-backfill";
/** The longest time of the checks of a clone. wrangler may use a third of this time to read the names of secrets
 * from Cloudflare. */
const LIMIT_MS = 90_000;
const MAX_DETAIL_CHARS = 200;

/** True for the folder of this project's repository. */
export function isClone(dir: string): boolean {
  const file = join(dir, "package.json");
  if (!existsSync(file) || !existsSync(join(dir, "local/doctor.ts"))) return false;
  try {
    return (JSON.parse(readFileSync(file, "utf8")) as { name?: unknown }).name === NAME;
  } catch {
    return false;
  }
}

export async function checkClone(
  dir: string,
  isOffline: boolean,
  env: Readonly<Record<string, string | undefined>>,
  signal: AbortSignal,
): Promise<DoctorLine[]> {
  const args = ["run", "--silent", "doctor", "--", "--json", ...(isOffline ? ["--offline"] : [])];
  const stdout = await new Promise<string>((resolve) => {
    // With a fault, the program exits with 1 but still prints its lines. So only its output matters.
    execFile("npm", args, { cwd: dir, env: { ...env }, signal, timeout: LIMIT_MS }, (_, text) =>
      resolve(text),
    );
  });
  signal.throwIfAborted();
  const lines = linesIn(stdout);
  if (lines !== null) return lines;
  const said = stdout.trim().split("\n").at(-1) ?? "";
  const detail = said === "" ? "npm run doctor printed nothing" : said.slice(0, MAX_DETAIL_CHARS);
  return [lineOf({ check: "clone", outcome: "failed", detail })];
}

function linesIn(text: string): DoctorLine[] | null {
  try {
    const { lines } = JSON.parse(text) as { lines?: DoctorLine[] };
    return Array.isArray(lines) ? lines : null;
  } catch {
    return null;
  }
}
