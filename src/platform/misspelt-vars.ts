// Finds names in the environment that look like a misspelt var. A misspelt var would silently get its default. Only
// `warnOfMisspeltVars` does I/O. Never reads a value: a misspelt secret is still a secret.
import { VAR_NAMES } from "./vars.ts";
import type { Bindings } from "./env.ts";
import type { Log } from "./log.ts";

/** A name in the environment that no code reads. `meant` is the var or secret with a similar name. */
export interface MisspeltVar {
  name: string;
  meant: string;
}

/** All bindings. The type makes sure that none is missing. */
const BINDINGS: Record<keyof Bindings, true> = {
  LOGS: true,
  PARSE_QUEUE: true,
  SEND_QUEUE: true,
  BACKFILL_RUN: true,
  RUN_REGISTRY: true,
  COVERAGE: true,
  NOTIFIER: true,
  ASSETS: true,
};

/** The shortest name that is compared. A shorter name is close to too many other names. */
const MIN_COMPARED = 4;
/** The allowed differences: one per this many characters, at least one, at most `MAX_EDITS`. */
const CHARACTERS_PER_EDIT = 4;
const MAX_EDITS = 3;
/** The longest name that is compared. A longer name is no typing mistake, and comparing it takes longer. */
const MAX_NAME = 100;

/** Every name of `env` that is close to a known var, in the order of `env`. */
export function misspeltVars(env: object, known: readonly string[] = VAR_NAMES): MisspeltVar[] {
  return Object.keys(env).flatMap((name) => {
    const meant = knownVarCloseTo(name, known);
    return meant === null ? [] : [{ name, meant }];
  });
}

/** The known var that `name` was probably meant to be. Null for a known name, and when no known name is close. */
export function knownVarCloseTo(name: string, known: readonly string[] = VAR_NAMES): string | null {
  if (known.includes(name) || Object.hasOwn(BINDINGS, name) || name.length > MAX_NAME) return null;
  const given = bare(name);
  if (given.length < MIN_COMPARED) return null;
  const ranked = known
    .map((candidate) => ({ candidate, edits: distance(given, bare(candidate)) }))
    .toSorted((a, b) => a.edits - b.edits);
  const nearest = ranked.find(({ candidate, edits }) => edits <= editsAllowed(bare(candidate)));
  return (nearest ?? ranked.find(({ candidate }) => continues(given, bare(candidate))))?.candidate ?? null;
}

/** The misspelling as a sentence for people. */
export function misspeltText({ name, meant }: MisspeltVar): string {
  return `no var is named ${name}, so it has no effect; was ${meant} meant?`;
}

/** The names that were compared. One comparison per isolate is enough, because an isolate's environment never
 * changes. */
const compared = new Set<string>();

export function warnOfMisspeltVars(env: object, log: Log): void {
  for (const name of Object.keys(env)) {
    if (compared.has(name)) continue;
    compared.add(name);
    const meant = knownVarCloseTo(name);
    if (meant !== null) log("warn", "misspelt_var", { name, meant });
  }
}

/** The name without case and separators. Most typing mistakes concern these. */
function bare(name: string): string {
  return name.toUpperCase().replaceAll(/[^A-Z0-9]/g, "");
}

function editsAllowed(known: string): number {
  return Math.min(MAX_EDITS, Math.max(1, Math.floor(known.length / CHARACTERS_PER_EDIT)));
}

/** Recognises a missing unit (SEND_TIMEOUT) and a word written out (ACCESS_AUDIENCE). */
function continues(given: string, known: string): boolean {
  return given.length >= 2 * MIN_COMPARED && (known.startsWith(given) || given.startsWith(known));
}

/** Counts insertions, deletions, replacements and swaps of neighbours (optimal string alignment). */
function distance(a: string, b: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, n) => n);
  for (let i = 1; i <= a.length; i += 1) {
    const row = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const isSame = a[i - 1] === b[j - 1];
      let least = Math.min((last[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1, (last[j - 1] ?? 0) + (isSame ? 0 : 1));
      const isSwap = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      if (isSwap) least = Math.min(least, (beforeLast[j - 2] ?? 0) + 1);
      row.push(least);
    }
    beforeLast = last;
    last = row;
  }
  return last[b.length] ?? 0;
}

/** The status's warning about this var. */
export function misspeltWarning(found: MisspeltVar): { code: string; detail: string } {
  return { code: "misspelt_var", detail: misspeltText(found) };
}
