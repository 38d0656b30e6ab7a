// The judge of a chaos run. Compares what the receiver got with the generator's expected result and with the ledger.
// Does no I/O. Shares no code with src/ or durable-objects/. The judge uses only the documented promises and the wire
// format. Each finding is one sentence. A run passes only without findings.
import type { FileTruth } from "../../local/generate/truth.ts";
import type { RequestLog } from "../../local/receiver/tally.ts";
import type { Ledger, LedgerBatch, Status } from "./chaos-api.ts";

/** One run of the API. A continuation has the runs that it continued before it. */
export interface Account {
  status: Status;
  ledger: Ledger;
  isContinuation: boolean;
  /** How many batches and files the operator settled. */
  settledByHand: number;
}

/** Nothing may arrive in this interval. */
export interface QuietPeriod {
  from: number;
  to: number;
  why: string;
}
/** An interval with a number of lines. As a cap: no second of the interval may contain more lines. As a full rate: at
 * least one second must contain as many lines. */
export interface CapPeriod {
  from: number;
  to: number;
  lines: number;
}

export interface Evidence {
  files: readonly FileTruth[];
  rayIds: ReadonlyMap<string, number>;
  requests: readonly RequestLog[];
  /** Requests that broke the partner's rules, by code. */
  violations: Record<string, number>;
  accounts: readonly Account[];
  /** The caps and when they applied. Empty: no cap applied. */
  caps: readonly CapPeriod[];
  requestsCap: number | null;
  /** How much later than PACE_JITTER_MS a request may reach the receiver on a busy machine. Each checked second is
   * shorter by this time. */
  transportMs: number;
  /** The largest cap at any time, and the receiver's busiest second. */
  maxInFlight: number;
  mostInFlight: number;
  /** Whether no uncertain batch was sent again, unless the operator had asked the receiver first. */
  isHeldAndAsked: boolean;
  /** The receiver answered 200 without taking the lines. A line that the ledger lists as repeated may then have
   * arrived only once. */
  hasLied: boolean;
  quiet: readonly QuietPeriod[];
  /** Intervals in which at least one second must contain as many lines. */
  fullRate: readonly CapPeriod[];
  /** Intervals in which the receiver's own process stood still. The times of arrival prove nothing about a second
   * that touches such an interval. */
  late: readonly { from: number; to: number }[];
}

const SECOND_MS = 1_000;
const MAX_SHOWN = 5;

export function judge(evidence: Evidence): string[] {
  const { accounts } = evidence;
  const last = accounts.at(-1);
  if (!last) return ["there was no run at all"];
  return [
    ...agreement(evidence),
    ...multiset(evidence),
    ...repeats(evidence),
    ...accounts.flatMap((account) => booksBalance(account)),
    ...accounts.flatMap((account) => rowsMatchTruth(account, evidence.files)),
    ...completeness(last, evidence.files),
    ...pressure(evidence),
    ...silence(evidence),
  ];
}

function agreement({ violations }: Evidence): string[] {
  return Object.entries(violations).map(([code, count]) => `${count} requests were not as agreed: ${code}`);
}

function multiset({ files, rayIds }: Evidence): string[] {
  const expected = new Set(files.flatMap((file) => file.kept_ray_ids));
  const lost = [...expected].filter((rayId) => !rayIds.has(rayId));
  const unknown = [...rayIds.keys()].filter((rayId) => !expected.has(rayId));
  return [...few("LOST", lost), ...few("never in the logs", unknown)];
}

function few(what: string, rayIds: readonly string[]): string[] {
  if (rayIds.length === 0) return [];
  return [`${rayIds.length} lines ${what}: ${rayIds.slice(0, MAX_SHOWN).join(", ")} …`];
}

/** Finds repeated lines that no run lists. No more lines may be repeated than the runs list. Each repeated line
 * must belong to a batch with an uncertain or duplicate attempt. */
function repeats({ files, rayIds, accounts, isHeldAndAsked, hasLied }: Evidence): string[] {
  const repeated = [...rayIds].filter(([, count]) => count > 1);
  const extra = repeated.reduce((sum, [, count]) => sum + count - 1, 0);
  const known = accounts.reduce((sum, { status }) => sum + status.duplicate_lines, 0);
  const possible = accounts.reduce((sum, { status }) => sum + status.possible_duplicate_lines, 0);
  const found: string[] = [];
  if (extra > known + possible) found.push(`${extra} lines came again, ${known} + ${possible} are named`);
  if (known > extra && !hasLied) found.push(`${known} duplicate_lines claimed, only ${extra} came again`);
  if (isHeldAndAsked && extra > 0) found.push(`${extra} lines came again though nothing was sent twice`);
  const named = namedRepeats(files, accounts);
  const silent = repeated.filter(([rayId, count]) => count - 1 > (named.get(rayId) ?? 0)).map(([id]) => id);
  return [...found, ...few("came again more often than their batches' attempts say", silent)];
}

/** Maps a RayID to the number of uncertain and duplicate attempts of its batches. */
function namedRepeats(files: readonly FileTruth[], accounts: readonly Account[]): Map<string, number> {
  const named = new Map<string, number>();
  for (const { ledger } of accounts) {
    const keys = new Map(ledger.files.map((file) => [file.file, file.key]));
    for (const batch of ledger.batches) {
      const attempts = batch.exceptional_attempts.filter(({ state }) =>
        ["uncertain", "duplicate", "resolved"].includes(state),
      ).length;
      if (attempts === 0) continue;
      for (const rayId of linesOf(batch, keys, files) ?? []) {
        named.set(rayId, (named.get(rayId) ?? 0) + attempts);
      }
    }
  }
  return named;
}

/** The RayIDs of a batch: from its first to its last RayID, in the order of the expected result. Null: the
 * expected result does not contain these RayIDs. */
function linesOf(
  batch: LedgerBatch,
  keys: ReadonlyMap<number, string>,
  files: readonly FileTruth[],
): readonly string[] | null {
  const kept = files.find((file) => file.key === keys.get(batch.file))?.kept_ray_ids ?? [];
  const [from, to] = [kept.indexOf(batch.first_ray_id), kept.indexOf(batch.last_ray_id)];
  return from < 0 || to < from ? null : kept.slice(from, to + 1);
}

/** Compares the status with the rows of the same run. */
function booksBalance({ status, ledger, settledByHand }: Account): string[] {
  const found: string[] = [];
  const expect = (what: string, is: number, should: number) => {
    if (is !== should) found.push(`${status.id}: ${what} is ${is}, by the rows ${should}`);
  };
  for (const [state, count] of Object.entries(status.files)) {
    expect(`files.${state}`, count, ledger.files.filter((file) => file.state === state).length);
  }
  for (const [state, count] of Object.entries(status.batches)) {
    expect(`batches.${state}`, count, ledger.batches.filter((batch) => batch.state === state).length);
  }
  const linesIn = (state: string) =>
    ledger.batches.filter((batch) => batch.state === state).reduce((sum, { lines }) => sum + lines, 0);
  expect("log_lines_sent", status.log_lines_sent, linesIn("done"));
  const { read, kept, malformed, dropped } = status.lines;
  expect("lines.read", read, kept + malformed + Object.values(dropped).reduce((a, b) => a + b, 0));
  expect("exceptions", status.exceptions, settledByHand);
  const differences = status.verification.last?.differences ?? [];
  if (differences.length > 0) found.push(`${status.id}: verify differs: ${JSON.stringify(differences)}`);
  if (status.verification.last === null) found.push(`${status.id}: verify gave no result`);
  return found;
}

/** Each parsed file must agree with the expected result. Its batches must cover the file's lines without gap or
 * overlap. */
function rowsMatchTruth({ status, ledger }: Account, files: readonly FileTruth[]): string[] {
  const found: string[] = [];
  for (const row of ledger.files) {
    const truth = files.find((file) => file.key === row.key);
    if (!truth) found.push(`${status.id}: ${row.key} is not in the logs`);
    if (!truth || row.lines === null) continue;
    const said = [row.lines.read, row.lines.kept, row.lines.malformed, ...droppedOf(row.lines.dropped)];
    const is = [truth.lines, truth.kept, truth.malformed, ...droppedOf({ ...truth.dropped })];
    if (said.join() !== is.join())
      found.push(`${status.id}: ${row.key} counts ${said.join()}, truth ${is.join()}`);
    const keys = new Map([[row.file, row.key]]);
    const live = ledger.batches.filter((batch) => batch.file === row.file && batch.state !== "split");
    const covered = live.map((batch) => ({ batch, lines: linesOf(batch, keys, files) }));
    const wrong = covered.filter(({ batch, lines }) => lines?.length !== batch.lines);
    for (const { batch } of wrong.slice(0, MAX_SHOWN)) {
      found.push(`${status.id}: batch ${batch.batch} says ${batch.lines} lines from ${batch.first_ray_id}`);
    }
    const distinct = new Set(covered.flatMap(({ lines }) => lines ?? []));
    const total = covered.reduce((sum, { lines }) => sum + (lines?.length ?? 0), 0);
    if (distinct.size !== truth.kept || total !== truth.kept) {
      found.push(
        `${status.id}: batches of ${row.key} hold ${distinct.size} lines of ${truth.kept}, ${total} in all`,
      );
    }
  }
  return found;
}

function droppedOf(dropped: Record<string, number>): number[] {
  return ["not_top_level", "invalid_timestamp", "outside_window"].map((reason) => dropped[reason] ?? 0);
}

/** The last run must have taken every file and settled every line. */
function completeness({ status, ledger, isContinuation }: Account, files: readonly FileTruth[]): string[] {
  const found: string[] = [];
  if (!status.delivery_completed) found.push(`${status.id} is not delivered but ${status.stage_code}`);
  // Files of the margin are also read, although their names show that they do not belong to the window.
  const known = Object.values(status.files).reduce((sum, count) => sum + count, 0);
  if (known !== files.length) found.push(`${status.id}: ${known} files read of ${files.length}`);
  const kept = files.reduce((sum, file) => sum + file.kept, 0);
  const inherited = ledger.batches
    .filter(({ state, reason }) => isContinuation && state === "discarded" && reason?.startsWith("inherited"))
    .reduce((sum, { lines }) => sum + lines, 0);
  if (status.log_lines_sent + inherited !== kept) {
    found.push(`${status.id}: ${status.log_lines_sent} sent + ${inherited} inherited of ${kept} kept`);
  }
  return found;
}

function pressure({
  caps,
  requestsCap,
  maxInFlight,
  mostInFlight,
  requests,
  late,
  accounts,
  fullRate,
  transportMs,
}: Evidence): string[] {
  const found: string[] = [];
  const second = SECOND_MS - transportMs;
  for (const cap of caps) {
    const inside = requests.filter(({ headers_at: at }) => at >= cap.from && at < cap.to);
    const peak = busiest(second, inside, late, ({ lines }) => lines);
    if (peak > cap.lines) found.push(`${peak} lines within one second, the cap is ${cap.lines}`);
  }
  const most = Math.max(0, ...caps.map(({ lines }) => lines));
  for (const { status } of accounts) {
    const permitted = Number(status.rate["granted_peak_lines_per_second"]);
    if (caps.length > 0 && permitted > most)
      found.push(`${status.id}: ${permitted} lines permitted in a second of ${most}`);
  }
  const peak = busiest(second, requests, late, () => 1);
  if (requestsCap !== null && peak > requestsCap) {
    found.push(`${peak} requests within one second, the cap is ${requestsCap}`);
  }
  for (const { from, to, lines } of fullRate) {
    const inside = requests.filter(({ headers_at: at }) => at >= from && at < to);
    const reached = busiest(SECOND_MS, inside, [], ({ lines: n }) => n);
    if (reached < lines)
      found.push(`${reached} lines at most in a second, expected ${lines} soon after the outage`);
  }
  if (mostInFlight > maxInFlight) found.push(`${mostInFlight} POSTs at once, allowed are ${maxInFlight}`);
  return found;
}

/** The most lines in any half-open interval of `windowMs`, by the arrival of the headers. Refused and repeated
 * lines count too. */
export function busiest(
  windowMs: number,
  requests: readonly RequestLog[],
  late: Evidence["late"],
  weigh: (log: RequestLog) => number,
): number {
  const arrivals = requests.toSorted((a, b) => a.headers_at - b.headers_at);
  let [most, inSecond, first] = [0, 0, 0];
  for (const arrival of arrivals) {
    const { headers_at: at } = arrival;
    inSecond += weigh(arrival);
    for (let old = arrivals[first]; old && old.headers_at <= at - windowMs; old = arrivals[first]) {
      inSecond -= weigh(old);
      first += 1;
    }
    const isTrusted = late.every(({ from, to }) => to < at - windowMs || from > at);
    if (isTrusted) most = Math.max(most, inSecond);
  }
  return most;
}

function silence({ quiet, requests }: Evidence): string[] {
  return quiet.flatMap(({ from, to, why }) => {
    const during = requests.filter(({ headers_at: at }) => at > from && at < to);
    const [one] = during;
    return one
      ? [`${during.length} requests ${why}; the first ${Math.round(one.headers_at - from)} ms into it`]
      : [];
  });
}
