// Writes the progress line that a terminal shows while a run works.
import type { RunStatusAnswer } from "../../contract/api/api-types.ts";
import { durationText } from "./durations.ts";
import { localText, zoneName } from "./instants.ts";
import { count, percent } from "./numbers.ts";
import { cutTo } from "./width.ts";

const BAR_COLUMNS = 24;

type Progress = Pick<
  RunStatusAnswer,
  "stage_code" | "state_reason" | "progress" | "eta_seconds" | "rate" | "log_lines_sent" | "exceptions"
>;

/** The progress of a run as one line. `columns` is the width of the terminal. */
export function progressLine(status: Progress, now: number, zone: string, columns: number): string {
  const { progress, eta_seconds: eta, rate, state_reason: reason } = status;
  const parts = [
    `${bar(progress)} ${percent(progress)}`,
    reason === null ? status.stage_code : `${status.stage_code}: ${reason.code}`,
    `${count(status.log_lines_sent)} lines`,
    `${count(rate.lines_per_second)}/s of ${count(rate.max_lines_per_second)}`,
    ...(eta === null ? [] : [`${durationText(eta)} left (${endOf(now + eta * 1_000, zone)})`]),
  ];
  return cutTo(parts.join("  "), columns - 1);
}

function endOf(ms: number, zone: string): string {
  return `${localText(ms, zone).slice(11, 16)} ${zoneName(zone)}`;
}

function bar(share: number): string {
  const full = Math.floor(Math.min(1, Math.max(0, share)) * BAR_COLUMNS);
  return `[${"█".repeat(full)}${"░".repeat(BAR_COLUMNS - full)}]`;
}
