// Shared by every script of the local stack. Reads flags, answers --help, reports refusals, and ends a script with
// its parent. A refusal is one line on stderr and exit code 2. Each script decides what its flags mean.
import { parseArgs, type ParseArgsConfig } from "node:util";
import { parseInstant } from "../src/http/requests/instant.ts";

/** An error that the caller of the script can fix. It becomes one line and exit code 2. */
export class UsageError extends Error {}

type Options = NonNullable<ParseArgsConfig["options"]>;
type Values<T extends Options> = ReturnType<
  typeof parseArgs<{ options: T; strict: true; allowPositionals: false }>
>["values"];

export interface Command {
  /** The name of the script in `npm run <name>`. */
  name: string;
  usage: string;
}

/** Reads the values of `options`. Refuses an unknown flag, and a repeated flag that is not `multiple`.
 * @throws UsageError. */
export function readFlags<const T extends Options>(args: string[], options: T): Values<T> {
  let parsed;
  try {
    parsed = parseArgs({ args, options, strict: true, allowPositionals: false, tokens: true });
  } catch (error) {
    throw new UsageError(clearLine(error));
  }
  const seen = new Set<string>();
  for (const token of parsed.tokens) {
    if (token.kind !== "option") continue;
    // An empty path would mean the current directory.
    if (token.value === "") throw new UsageError(`--${token.name} needs a value`);
    if (options[token.name]?.multiple) continue;
    if (seen.has(token.name)) throw new UsageError(`--${token.name} is given twice`);
    seen.add(token.name);
  }
  return parsed.values;
}

/** The message of parseArgs is long. Its first clause states the problem. */
function clearLine(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { code } = error as NodeJS.ErrnoException;
  const quoted = /'([^']*)'/.exec(error.message)?.[1] ?? "";
  if (code === "ERR_PARSE_ARGS_UNKNOWN_OPTION") return `there is no flag ${quoted}`;
  if (code === "ERR_PARSE_ARGS_UNEXPECTED_POSITIONAL") return `"${quoted}" is no flag`;
  return error.message.split("\n")[0] ?? "";
}

/** Returns the flags that `read` makes of the arguments. With `--help` it prints the usage and exits with 0.
 * For a refusal it prints one line and exits with 2. */
export function flagsOf<T>({ name, usage }: Command, read: (args: string[]) => T): T {
  const args = process.argv.slice(2);
  if (args.includes("--help") || args.includes("-h")) {
    console.log(usage);
    process.exit(0);
  }
  try {
    return read(args);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    console.error(`${name}: ${error.message} (npm run ${name} -- --help shows all flags)`);
    process.exit(2);
  }
}

/** Reads an instant as epoch milliseconds. Uses the API's own reader, so that a script and a request accept the
 * same instants. */
export function instantFlag(flag: string, text: string | undefined): number {
  if (text === undefined) throw new UsageError(`${flag} is needed, an instant like 2026-04-22T14:00:00Z`);
  const instant = parseInstant(text);
  if (!instant.ok) throw new UsageError(`${flag} "${text}": ${instant.detail}`);
  return instant.ms;
}

export function portFlag(flag: string, text: string): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : NaN;
  if (!(port <= 65_535)) throw new UsageError(`${flag} must be 0–65535, not "${text}"`);
  return port;
}

export function wholeNumberFlag(flag: string, text: string, min = 0): number {
  const number = /^\d{1,9}$/.test(text) ? Number(text) : NaN;
  if (!(number >= min)) throw new UsageError(`${flag} needs a whole number from ${min}, not "${text}"`);
  return number;
}

const PARENT_CHECK_MS = 250;

/** Calls `handler` once when the parent of this process is gone. npm may die without passing a signal on.
 * After a `kill -9` of npm there is no other sign. Works only under npm: a process started by hand may
 * outlive its shell. */
export function onOrphaned(handler: () => unknown): void {
  if (process.env["npm_lifecycle_event"] === undefined) return;
  const parent = process.ppid;
  const look = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(look);
    void handler();
  }, PARENT_CHECK_MS);
  look.unref();
}

/** Ends a process that has nothing to clean up when its parent is gone. */
export function endWithParent(): void {
  onOrphaned(() => process.exit(1));
}
