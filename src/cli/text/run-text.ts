// Writes runs as text for people.
import type { RunItem, RunStatusAnswer } from "../../contract/api/api-types.ts";
import { durationText } from "./durations.ts";
import { localSpan, shownInstant, shownSpan, zoneName } from "./instants.ts";
import { nextStep } from "./next-steps.ts";
import { count, counted, percent } from "./numbers.ts";
import { facts, table, type Cell } from "./table.ts";

const PROBLEMS_SHOWN = 10;
/** The name of the first receiver. */
const FIRST = "default";

type SentAgain = Pick<RunStatusAnswer, "deduped_lines">;

/** The states that have a count, such as "closed 12, failed 1". */
export function states(counts: Readonly<Record<string, number>>): string {
  const present = Object.entries(counts).filter(([, value]) => value > 0);
  return present.length === 0
    ? "none"
    : present.map(([state, value]) => `${state} ${count(value)}`).join(", ");
}

/** The status of a run, short enough for one screen. */
export function statusText(status: RunStatusAnswer, zone: string): string[] {
  const { lines, rate, window, state_reason: reason } = status;
  const isInclusive = window.interval.endsWith("]");
  return [
    ...facts([
      ["run", status.id],
      ["stage", status.stage_code],
      ["receiver", receiverText(status)],
      ["reason", reason && `${reason.code}: ${reason.detail}`],
      ["summary", status.summary],
      ["next", nextStep(status)],
      ["window", `${shownSpan(window.start, window.end, zone)}${isInclusive ? "" : ", end outside"}`],
      ["progress", progressText(status)],
      ["lines", linesText(lines)],
      ["delivered", counted(status.log_lines_sent, "line")],
      ["exceptions", status.exceptions],
      ["possible duplicates", status.possible_duplicate_lines || null],
      ["sent again", sentAgainText(status)],
      ["duplicates", status.duplicate_lines || null],
      ["files", states(status.files)],
      ["batches", states(status.batches)],
      ["rate", `${count(rate.lines_per_second)} lines/s, cap ${count(rate.max_lines_per_second)}`],
      ["without raw file", uncoveredText(status)],
      ["not sent", leftOutText(status, zone)],
      ["plan hash", status.plan_hash],
      ["evidence", status.report.complete ? `complete, head ${status.report.head}` : null],
      ["verified", verifiedText(status, zone)],
      ["note", status.note],
      ["actor", status.actor],
      ["started", shownInstant(status.started_at, zone)],
      ["delivered at", status.delivered_at && shownInstant(status.delivered_at, zone)],
      ["ended", status.ended_at && shownInstant(status.ended_at, zone)],
    ]),
    ...problemsText(status),
  ];
}

/** Null: the run sends to the partner of the first receiver, as most runs do. */
function receiverText({ receiver, spec }: RunStatusAnswer): string | null {
  const kind = spec.receiver?.kind;
  if (receiver === FIRST) return kind ?? null;
  return `${receiver} (${kind ?? "ctyun"})`;
}

/** The records outside the window that the live worker did not deliver. Null: there are none. */
function leftOutText({ live }: RunStatusAnswer, zone: string): string | null {
  const leftOut = live?.outside_not_delivered;
  if (!leftOut) return null;
  const { before, after, windows } = leftOut;
  const what = `${counted(before + after, "record")} outside the window, not delivered by the live worker`;
  return [
    what,
    ...windows.map(({ start, end }) => `replay ${shownSpan(start, end, zone)}, end outside`),
  ].join("; ");
}

function progressText({ progress, eta_seconds: eta }: RunStatusAnswer): string {
  return eta === null || progress === 1
    ? percent(progress)
    : `${percent(progress)}, about ${durationText(eta)} left`;
}

function linesText({ read, kept, malformed, dropped }: RunStatusAnswer["lines"]): string {
  const lost = Object.values(dropped).reduce((sum, value) => sum + value, 0);
  return `${count(read)} read = ${count(kept)} kept + ${count(lost)} dropped + ${count(malformed)} malformed`;
}

/** Says how many lines a receiver that remembers tokens got again. Null: it got no line again. */
export function sentAgainText({ deduped_lines: lines }: SentAgain): string | null {
  if (!lines) return null;
  const were = lines === 1 ? "was" : "were";
  return `${counted(lines, "line")} ${were} sent again while the receiver remembered their token`;
}

function uncoveredText({ uncovered_seconds: seconds }: RunStatusAnswer): string | null {
  return seconds ? durationText(seconds) : null;
}

function verifiedText(
  { verification: { last, under_way: isUnderWay } }: RunStatusAnswer,
  zone: string,
): string | null {
  if (isUnderWay) return "a recount is under way";
  return last && `${shownInstant(last.as_of, zone)}, ${counted(last.differences.length, "difference")}`;
}

function problemsText({ problems }: RunStatusAnswer): string[] {
  if (problems.length === 0) return [];
  const rows = problems
    .slice(0, PROBLEMS_SHOWN)
    .map(({ kind, file, batch, state, reason, key }): Cell[] => [
      kind === "batch" ? `batch ${batch}` : kind === "file" ? `file ${file}` : "run",
      state,
      reason,
      key,
    ]);
  const rest = problems.length - rows.length;
  return [
    "",
    ...table(["PROBLEM", "STATE", "REASON", "KEY"], rows, null),
    ...(rest > 0 ? [`and ${rest} more`] : []),
  ];
}

/** The rows of a table of runs, with their headings. The id already contains the window in UTC, so the table shows the
 * window only in the other zone. It shows receivers only when one of them is not the first. */
export function runTable(runs: readonly RunItem[], zone: string, columns: number | null): string[] {
  const hasOthers = runs.some(({ receiver }) => receiver !== FIRST);
  const headings = [
    "RUN",
    "STAGE",
    `WINDOW (${zoneName(zone)})`,
    "LINES SENT",
    "EXCEPTIONS",
    "LINES/S",
    "NOTE",
  ];
  const rows = runs.map((run) => runRow(run, zone));
  if (!hasOthers) return table(headings, rows, columns);
  const withReceivers = rows.map(([id = "", ...rest], n): Cell[] => [id, runs[n]?.receiver ?? "", ...rest]);
  const [first = "", ...others] = headings;
  return table([first, "RECEIVER", ...others], withReceivers, columns);
}

function runRow(run: RunItem, zone: string): Cell[] {
  return [
    run.active ? `${run.id} *` : run.id,
    run.stage_code,
    localSpan(run.start, run.end, zone),
    run.log_lines_sent,
    run.exceptions,
    run.lines_per_second_avg === null ? null : Math.round(run.lines_per_second_avg),
    run.note ?? "",
  ];
}
