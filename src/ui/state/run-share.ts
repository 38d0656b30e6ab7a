// The number of lines to which a run's shares and forecasts refer while some files are not read yet. Does no I/O.
import type { RunStatusAnswer } from "../../contract/api/api-types.ts";

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

/** Lines per second while a sender had batches, so without pauses. Null: the run has sent for less than ten seconds, or
 * its version did not measure the time. */
export function sendingAverage({
  lines,
  sending_seconds: seconds,
}: Pick<RunStatusAnswer, "lines" | "sending_seconds">): number | null {
  return seconds === null || seconds < 10 ? null : Math.round(lines.sent / seconds);
}
