// What every script of the local stack has in common: how it reads its flags, answers --help, refuses, and ends with its
// parent. A refusal is one line on stderr and exit code 2. Never decides what a flag means.
import { parseArgs, type ParseArgsConfig } from "node:util";
import { parseInstant } from "../src/http/instant.ts";

/** Something the caller can put right: one line, exit code 2. */
export class UsageError extends Error {}

type Options = NonNullable<ParseArgsConfig["options"]>;
type Values<T extends Options> = ReturnType<
  typeof parseArgs<{ options: T; strict: true; allowPositionals: false }>
>["values"];

export interface Command {
  /** As npm knows it: `npm run <name>`. */
  name: string;
  usage: string;
}

/**
 * The values of `options`; a flag that is unknown, or given twice without being `multiple`, is refused.
 * @throws UsageError
 */
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
    // an empty path would be the current directory
    if (token.value === "") throw new UsageError(`--${token.name} needs a value`);
    if (options[token.name]?.multiple) continue;
    if (seen.has(token.name)) throw new UsageError(`--${token.name} is given twice`);
    seen.add(token.name);
  }
  return parsed.values;
}

/** parseArgs explains itself at length; the first clause says what is wrong. */
function clearLine(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { code } = error as NodeJS.ErrnoException;
  const quoted = /'([^']*)'/.exec(error.message)?.[1] ?? "";
  if (code === "ERR_PARSE_ARGS_UNKNOWN_OPTION") return `there is no flag ${quoted}`;
  if (code === "ERR_PARSE_ARGS_UNEXPECTED_POSITIONAL") return `"${quoted}" is no flag`;
  return error.message.split("\n")[0] ?? "";
}

/**
 * The flags that `read` makes of the arguments. Ends the process instead where there is nothing to do: `--help` prints
 * the usage and exits with 0, a refusal prints one line and exits with 2.
 */
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

/** Epoch milliseconds. The API's own reader decides, so that no script takes an instant that a request would not. */
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

const PARENT_LOOK_MS = 250;

/**
 * Calls `handler` once when the parent of this process is gone. npm may die without passing a signal on, and after its
 * kill -9 nothing else tells. Only under npm: a process started by hand may outlive its shell.
 */
export function onOrphaned(handler: () => unknown): void {
  if (process.env["npm_lifecycle_event"] === undefined) return;
  const parent = process.ppid;
  const look = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(look);
    void handler();
  }, PARENT_LOOK_MS);
  look.unref();
}

/** The same for a process that has nothing to put away. */
export function endWithParent(): void {
  onOrphaned(() => process.exit(1));
}
