// Decides whether an operator must check a file or a run, because too many of its lines or records fail a check.
// Otherwise a changed log format would look like "nothing to send" or like a few bad lines. Does no I/O.
import type { FileCounts, SuspectSample } from "../../../src/contract/file-counts.ts";
import type { ParseSpec } from "../../../src/contract/parse-spec.ts";
import type { ChecksView } from "../../../src/contract/views.ts";
import type { Totals } from "../ledger/totals.ts";

export const CHECKS = ["lines", "times", "parents"] as const;
export type CheckName = (typeof CHECKS)[number];
export interface Check {
  failing: number;
  checked: number;
}
export type Checks = Record<CheckName, Check>;

/** A file with at most this many failing lines is not suspicious, whatever their share. */
const HARMLESS = 5;

const CODES: Record<CheckName, string> = {
  lines: "malformed_lines",
  times: "unreadable_times",
  parents: "unset_parent_ray_ids",
};
const WORDS: Record<CheckName, (failing: string, checked: string) => string> = {
  lines: (failing, checked) => `${failing} of ${checked} lines are malformed`,
  times: (failing, checked) => `${failing} of ${checked} top-level records have no readable EdgeStartTimestamp`,
  parents: (failing, checked) =>
    `${failing} of ${checked} records have a ParentRayID that is absent, empty or only zeros`,
}; // prettier-ignore

/** How many lines and records of one file were checked. Lines that were dropped before their JSON was parsed count
 * in `parents`. */
function checksOf(counts: FileCounts): Checks {
  const { dropped, kept, linesRead, malformed } = counts;
  const { absent, zeros } = counts.unsetParents ?? { absent: 0, zeros: 0 };
  const { delivered_live: live = 0, invalid_timestamp, outside_window, repeated_ray_id } = dropped;
  const topLevel = kept + invalid_timestamp + outside_window + live + repeated_ray_id;
  return {
    lines: { failing: malformed, checked: linesRead },
    times: { failing: dropped.invalid_timestamp, checked: topLevel },
    parents: { failing: absent + zeros, checked: linesRead - malformed - (counts.workerSubrequests ?? 0) },
  };
}

/** A failed check. `detail` explains what to change. */
export interface Suspicion {
  code: string;
  detail: string;
}

/** Why an operator must check this file. Null: no check fails. The detail names further failed checks by code. */
export function suspiciousBecause(
  counts: FileCounts,
  spec: Pick<ParseSpec, "maxSuspectRatio">,
): Suspicion | null {
  const { maxSuspectRatio } = spec;
  if (maxSuspectRatio === undefined) return suspiciousInOldRuns(counts);
  const checks = checksOf(counts);
  const [main, ...others] = CHECKS.filter(
    (name) => areAll(checks[name]) || areTooMany(checks[name], maxSuspectRatio),
  );
  if (main === undefined) return null;
  const words = (name: CheckName): string => `${shareOf(name, checks[name])}; ${adviceOn(name, counts)}`;
  const further = others.map((name) => `${CODES[name]}: ${words(name)}`);
  return { code: CODES[main], detail: [words(main), ...further].join("; ") };
}

/** Checks all other files together, because a small file alone may have too few failing lines. */
export function runSuspicion(t: Totals, maxSuspectRatio: number | undefined): string | null {
  if (maxSuspectRatio === undefined) return null;
  const checks = runChecks(t);
  const found = CHECKS.filter((name) => areTooMany(checks[name], maxSuspectRatio));
  if (found.length === 0) return null;
  const shares = found.map((name) => shareOf(name, checks[name])).join("; ");
  return `over all files ${shares}; look at GET …/files and malformed_samples before you accept it`;
}

function runChecks(t: Totals): Checks {
  return {
    lines: { failing: t.lines_failing, checked: t.lines_checked },
    times: { failing: t.times_failing, checked: t.times_checked },
    parents: { failing: t.parents_failing, checked: t.parents_checked },
  };
}

/** The part of the status about the checks. */
export function checksView(t: Totals, maxSuspectRatio: number | undefined): ChecksView {
  const { lines, times, parents } = runChecks(t);
  return {
    max_suspect_ratio: maxSuspectRatio ?? null,
    malformed_lines: lines,
    unreadable_times: times,
    unset_parent_ray_ids: parents,
  };
}

/** What a file whose lines are counted adds to the checks of the whole run. A suspicious file adds nothing, because
 * an operator decides about it. */
export function checksForRun(counts: FileCounts, spec: Pick<ParseSpec, "maxSuspectRatio">): Checks {
  const isJudged = spec.maxSuspectRatio === undefined || suspiciousBecause(counts, spec) !== null;
  const none = { failing: 0, checked: 0 };
  return isJudged ? { lines: none, times: none, parents: none } : checksOf(counts);
}

function areAll({ failing, checked }: Check): boolean {
  return failing > 0 && failing === checked;
}

function areTooMany({ failing, checked }: Check, ratio: number): boolean {
  return failing > HARMLESS && failing / checked > ratio;
}

function shareOf(name: CheckName, { failing, checked }: Check): string {
  const words = WORDS[name](thousands(failing), thousands(checked));
  return `${words} (${percent(failing / checked)})`;
}

function percent(share: number): string {
  return share === 1 ? "100 %" : `${(share * 100).toFixed(share < 0.1 ? 2 : 1)} %`;
}

function thousands(count: number): string {
  return String(count).replaceAll(/\B(?=(\d{3})+$)/g, ",");
}

function adviceOn(name: CheckName, counts: FileCounts): string {
  if (name === "lines") return adviceOnLines(counts);
  const sample = counts.suspects?.find(({ check }) => check === (name === "times" ? "time" : "parent"));
  if (!sample) return "no sample";
  return name === "times" ? adviceOnTimes(sample) : adviceOnParents(sample);
}

function adviceOnLines({ samples }: FileCounts): string {
  const [sample] = samples;
  if (!sample) return "no sample";
  const { bytes, line, reason } = sample;
  return `line ${line} (${reason}): ${bytes.slice(0, 120)}; ${adviceOnText(bytes, reason)}`;
}

function adviceOnText(bytes: string, reason: string): string {
  if (bytes.startsWith("\\x1f\\x8b")) return "this is gzip within gzip: store the object with one compression";
  if (reason === "too_long") return "the lines are longer than MAX_LINE_BYTES: raise it and start a new run";
  if (reason === "invalid_utf8") return "the lines are no UTF-8: look how the object was stored";
  const text = bytes.trimStart();
  if (text.startsWith("[")) return "the array contains something else than records: set the output of the job to JSON records";
  if (text.startsWith("{")) return "the records look cut off or damaged: compare the object with its source";
  if (reason === "not_json" && /[^,]*[,;|]|\\u0009/.test(text))
    return "this looks like CSV: set output_type of the Logpush job to ndjson";
  return "these are no JSON records: check the output options of the Logpush job";
} // prettier-ignore

function adviceOnTimes({ line, value, members, similar }: SuspectSample): string {
  if (similar !== null)
    return `line ${line} has "${similar}": the field is renamed, restore EdgeStartTimestamp`;
  if (value === null || value === "null")
    return `line ${line} has none, its members are ${listed(members)}: add the field to the job, or restore its name`;
  return `line ${line} has ${value}: set timestamp_format of the Logpush job to unixnano, unix or rfc3339`;
}

function adviceOnParents({ line, value, members, similar }: SuspectSample): string {
  if (similar !== null) return `line ${line} has "${similar}": the field is renamed, restore ParentRayID`;
  const ids = value !== null && /^"0+"$/.test(value) ? `["00", ${value}]` : '["00", "", null]';
  const shown = value ?? `none, its members are ${listed(members)}`;
  return `line ${line} has ${shown}: add the field to the job; or, if these are top-level requests, retry the file with top_level_parent_ray_ids ${ids}`;
}

function listed(members: string[]): string {
  return members.length === 0 ? "none" : members.join(", ");
}

/** Judges a file in a run of older code, which had no ratio. A check fails only when all records fail it. */
function suspiciousInOldRuns(counts: FileCounts): Suspicion | null {
  if (counts.linesRead === 0 || counts.kept > 0) return null;
  const wellFormed = counts.linesRead - counts.malformed;
  if (wellFormed === 0) return { code: "all_malformed", detail: "no line of this file is a JSON object" };
  if (counts.dropped.not_top_level === wellFormed && counts.parentRayIdAbsent === wellFormed) {
    const detail =
      'every record lacks ParentRayID; if such records are top-level requests, start the run with top_level_parent_ray_ids ["00", "", null]';
    return { code: "parent_ray_id_absent", detail };
  }
  if (counts.dropped.invalid_timestamp > 0 && counts.readableTimestamps === 0) {
    const detail =
      "no top-level record has a readable EdgeStartTimestamp; check the job's fields and timestamp format";
    return { code: "no_readable_timestamp", detail };
  }
  return null;
}
