// Writes a plan as text for people.
import type { PlanAnswer } from "../../contract/api/api-types.ts";
import { durationText } from "./durations.ts";
import { shownSpan } from "./instants.ts";
import { bytes, count, range } from "./numbers.ts";
import { states } from "./run-text.ts";
import { facts } from "./table.ts";

const OVERLAPS_SHOWN = 5;

export function planText(plan: PlanAnswer, zone: string): string[] {
  const { window, raw, lines, overlaps } = plan;
  const isInclusive = window.interval.endsWith("]");
  return [
    ...facts([
      ["window", `${shownSpan(window.start, window.end, zone)}${isInclusive ? "" : ", end outside"}`],
      ["receiver", plan.receiver === "default" ? null : plan.receiver],
      ["format", plan.format],
      ["files", `${count(raw.files)}, ${bytes(raw.bytes)}${plan.complete ? "" : " so far"}`],
      ["files of the late margin", raw.margin_files ? `${count(raw.margin_files)}, read too` : null],
      ["lines", `${range(lines)}, ${originOf(lines.bytes_per_line.from)}`],
      ["batches", range(plan.batches)],
      ["minutes at the cap", range(plan.minutes_at_cap)],
      ["cost", `US$ ${plan.cost_usd.low}–${plan.cost_usd.high}`],
      ["without raw file", plan.uncovered_seconds > 0 ? durationText(plan.uncovered_seconds) : null],
      ["delivered live", plan.live?.files ? states(plan.live.files) : null],
      ["slot", plan.slot.holder === null ? "free" : `taken by ${plan.slot.holder}`],
      ...overlaps
        .slice(0, OVERLAPS_SHOWN)
        .map(({ run, stage_code: stage }): [string, string] => ["overlaps", `${run} (${stage})`]),
      ["overlaps", overlaps.length > OVERLAPS_SHOWN ? `and ${overlaps.length - OVERLAPS_SHOWN} more` : null],
    ]),
    ...plan.warnings.flatMap(({ code, detail }) => facts([["warning", `${code}: ${detail}`]])),
  ];
}

function originOf(from: PlanAnswer["lines"]["bytes_per_line"]["from"]): string {
  return from === null ? "a rough estimate" : `as in ${from.run}`;
}
