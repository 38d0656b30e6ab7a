// The number of lines to which a run's shares and forecasts refer while some files are not read yet. Does no I/O.
import type { RunStatusAnswer } from "../../contract/api/api-types.ts";
import { isWorking } from "./run-stage.ts";

/** The lines of the whole run. */
export interface WholeRun {
  lines: number;
  /** False: some files are not parsed yet, and no plan counted them. */
  isExact: boolean;
}

/** `planned`: the lines that a dry run counted. Null: the run is not made from a plan. */
export function wholeOf(
  { lines, files, expected_lines: expected }: Pick<RunStatusAnswer, "lines" | "files" | "expected_lines">,
  planned: number | null,
): WholeRun {
  const isRead = files.listed + files.parsing === 0;
  // A file may give more lines than expected, for example late ones.
  const most = Math.max(lines.kept, (isRead ? null : (planned ?? expected)) ?? 0);
  return { lines: most, isExact: isRead || planned !== null };
}

/** The share of the lines that is delivered or discarded, from 0 to 1, of the same number of lines that the page shows.
 * The lines of a continued run are not part of it. The share is 1 only for a run that has delivered or counted
 * everything. A dry run delivers nothing, so the API's own number is used. */
export function shareOf(
  { lines, progress, dry_run }: Pick<RunStatusAnswer, "lines" | "progress" | "dry_run">,
  { lines: whole }: WholeRun,
): number {
  const all = whole - lines.inherited;
  if (dry_run || progress === 1) return progress;
  return all <= 0 ? 0 : Math.min(0.999, (lines.sent + lines.discarded - lines.inherited) / all);
}

const highest = new Map<string, number>();

/** The highest share of the run that this tab has shown. A new estimate of unread files would let the share fall. */
export function neverFalling(run: string, share: number): number {
  const shown = Math.max(share, highest.get(run) ?? 0);
  highest.set(run, shown);
  return shown;
}

/** Whether the canary still limits the run: its batches are not all sent, or no operator has resumed the run. Until
 * then, no forecast of the rest is possible. */
export function isCanaryOpen({
  spec,
  batches,
  files,
  problems,
  state_reason: reason,
}: Pick<RunStatusAnswer, "spec" | "batches" | "files" | "problems" | "state_reason">): boolean {
  if (spec.canary === null) return false;
  if (reason?.code === "canary") return true;
  const { pending, leased, done, refused, held, discarded, split } = batches;
  const isAllSent = pending + leased + files.listed + files.parsing === 0;
  // A batch can be held before it is sent. Such a batch is not part of the canary.
  const unsent = problems.filter(({ state, attempts }) => state === "held" && attempts === 0).length;
  return !isAllSent && done + refused + Math.max(0, held - unsent) + discarded + split < spec.canary;
}

/** Lines per second over the last ten seconds. 0 when the run sends nothing: the API keeps the number of the last
 * report. */
export function rateNow({
  stage_code: stage,
  batches,
  rate,
}: Pick<RunStatusAnswer, "stage_code" | "batches" | "rate">): number {
  const sends = isWorking(stage) && batches.pending + batches.leased > 0;
  return sends ? rate.lines_per_second : 0;
}

/** Lines per second while a sender had batches, so without pauses. Null: the run has sent for less than ten seconds, or
 * its version did not measure the time. */
export function sendingAverage({
  lines,
  sending_seconds: seconds,
}: Pick<RunStatusAnswer, "lines" | "sending_seconds">): number | null {
  return seconds === null || seconds < 10 ? null : Math.round(lines.sent / seconds);
}
