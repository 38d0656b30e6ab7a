// Models, for each line, whether the receiver accepted it, and what was reported to the run. Has no batch states, no
// attempt rows and no sums. Decides which send permits are illegal, and which batches the ledger must list at the
// end.
import type { PostOutcome, SendPermit } from "../../src/contract/sending.ts";
import type { Pick } from "./walk.ts";
import { GAVE_UP, PACK_MISSING, RESET, TIMEOUT, answered } from "./run-work.ts";

export const GOOD = answered(200, { bodyStart: '{"code":0}', isWhole: true });
const UNUSUAL = answered(200, { bodyStart: '{"code":7}', isWhole: true });

/** The fate of one POST: what the sender reports, and whether the receiver took the lines. */
export const FATES = {
  good: { outcome: GOOD, taken: true },
  timeout_taken: { outcome: TIMEOUT, taken: true },
  timeout_lost: { outcome: TIMEOUT, taken: false },
  reset_taken: { outcome: RESET, taken: true },
  busy: { outcome: answered(503), taken: false },
  refused: { outcome: answered(413), taken: false },
  /** The walk decides `taken` for all unusual answers together, because they mean the same. */
  unusual: { outcome: UNUSUAL, taken: false },
  unsent: { outcome: GAVE_UP, taken: false },
  pack_missing: { outcome: PACK_MISSING, taken: false },
} satisfies Record<string, { outcome: PostOutcome; taken: boolean }>;
export type Fate = keyof typeof FATES;
const ALL_FATES = Object.keys(FATES) as Fate[];

export function fateOf(pick: Pick): Fate {
  // Two of three POSTs get a random fate, so most POSTs fail in some way.
  return pick(3) === 0 ? "good" : (ALL_FATES[pick(ALL_FATES.length)] ?? "good");
}

/** The lines of a batch as the parser made it. Parts of a split batch are ranges of these lines. */
interface Lines {
  taken: number[];
  /** For each line: whether the run has received a report that proves the line's delivery. */
  known: boolean[];
  discarded: boolean[];
}
export interface Range {
  digest: string;
  from: number;
  lines: number;
}
export interface Post extends Range {
  batch: number;
  attempt: number;
  fate: Fate;
}

export class ReceiverModel {
  readonly posts: Post[] = [];
  readonly #lines = new Map<string, Lines>();
  readonly #unusualIsTaken: boolean;
  paused = false;
  aborted = false;
  /** How many batches may be sent before an operator resumes a canary run. Null: no bound. */
  canary: number | null = null;
  readonly #canaries = new Set<string>();
  /** Whether the run is outside its hours, so that it may send nothing. */
  resting = false;
  /** How many lines the run may send on this day. A walk does not reach the next day. */
  dailyLines: number | null = null;
  #linesToday = 0;
  readonly #returned = new Set<Post>();

  constructor(unusualIsTaken: boolean) {
    this.#unusualIsTaken = unusualIsTaken;
  }

  add(digest: string, lines: number): void {
    if (this.#lines.has(digest)) return;
    const all = <T>(value: T): T[] => Array.from({ length: lines }, () => value);
    this.#lines.set(digest, { taken: all(0), known: all(false), discarded: all(false) });
  }

  /** Makes the POST of this permit, with the fate that the walk chose. @returns why the permit is illegal, or
   * null. */
  post(permit: SendPermit, digest: string, fate: Fate): string | null {
    const [member = ""] = digest.split("[", 1);
    const range = { digest: member, from: permit.slice?.from ?? 0, lines: permit.lines };
    const lines = this.#lines.get(member);
    if (!lines) return `a permit for lines that no parser gave: ${digest}`;
    if (this.paused) return "a permit while the run is paused";
    if (this.aborted) return "a permit after the abort";
    if (this.resting) return "a permit outside the hours of the run";
    this.#linesToday += permit.lines;
    if (this.dailyLines !== null && this.#linesToday > this.dailyLines)
      return `${this.#linesToday} lines on a day for ${this.dailyLines}`;
    if (over(lines.known, range).some(Boolean)) return `a permit for delivered lines: ${digest}`;
    if (over(lines.discarded, range).some(Boolean)) return `a permit for discarded lines: ${digest}`;
    this.#canaries.add(member);
    if (this.canary !== null && this.#canaries.size > this.canary)
      return `${this.#canaries.size} canaries instead of ${this.canary}`;
    this.posts.push({ ...range, batch: permit.batch, attempt: permit.attempt, fate });
    if (this.#isTaken(fate)) change(lines.taken, range, (count) => count + 1);
    return null;
  }

  #isTaken(fate: Fate): boolean {
    return fate === "unusual" ? this.#unusualIsTaken : FATES[fate].taken;
  }

  /** Call when the run received the report of this POST. */
  reported(post: Post): void {
    if (post.fate === "good") this.#know(post);
    const isUnsent = FATES[post.fate].outcome.kind === "not_sent";
    if (isUnsent && !this.#returned.has(post)) this.#linesToday -= post.lines;
    if (isUnsent) this.#returned.add(post);
  }

  /** The decision of an honest operator about unusual answers. */
  get wordForUnusual(): "success" | "refused" {
    return this.#unusualIsTaken ? "success" : "refused";
  }

  #know(range: Range): void {
    const lines = this.#lines.get(range.digest);
    if (lines) change(lines.known, range, () => true);
  }

  isTaken(range: Range): boolean {
    return over(this.#lines.get(range.digest)?.taken ?? [], range).every((count) => count > 0);
  }

  discard(range: Range): void {
    const lines = this.#lines.get(range.digest);
    if (lines) change(lines.discarded, range, () => true);
  }

  resolveDelivered(range: Range): void {
    this.#know(range);
  }

  /** Call when another run takes over. The new run may send lines that an operator discarded. Reports to the
   * earlier run are lost. */
  continueInAnotherRun(): void {
    this.posts.length = 0;
    this.aborted = false;
    this.paused = false;
    this.canary = null;
    this.resting = false;
    this.dailyLines = null;
    for (const lines of this.#lines.values()) lines.discarded.fill(false);
  }

  /** The digests of batches with a line that the receiver never took and no operator discarded. */
  lost(): string[] {
    return this.#digests(({ taken, discarded }) => taken.some((count, n) => count === 0 && !discarded[n]));
  }

  /** The digests of batches with a line that the receiver took more than once. */
  repeated(): string[] {
    return this.#digests(({ taken }) => taken.some((count) => count > 1));
  }

  /** How many lines the receiver took again after the first time. */
  get extraLines(): number {
    const all = [...this.#lines.values()].flatMap(({ taken }) => taken);
    return all.reduce((sum, count) => sum + Math.max(0, count - 1), 0);
  }

  #digests(matches: (lines: Lines) => boolean): string[] {
    return [...this.#lines].filter(([, lines]) => matches(lines)).map(([digest]) => digest);
  }
}

function over<T>(values: readonly T[], { from, lines }: Range): T[] {
  return values.slice(from, from + lines);
}

function change<T>(values: T[], { from, lines }: Range, to: (value: T) => T): void {
  for (let n = from; n < from + lines; n += 1) values[n] = to(values[n] as T);
}
