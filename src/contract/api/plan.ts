// The schema of the answer of POST /runs/plan.
import * as v from "valibot";
import { LINE_FORMATS } from "../line-formats.ts";
import { Stage } from "./run-status.ts";
import { CodeAndDetail, Count, CountOrNull, Flag, InstantOrNull, InstantText, RunIdText, SpanText, Text, about, eachOf } from "./shapes.ts"; // prettier-ignore

/** How much of a file the live worker delivered. */
export const LIVE_STATES = ["delivered", "partly", "not_delivered", "waiting", "marked", "unknown"] as const;
export const LiveState = v.picklist(LIVE_STATES);

const Range = v.strictObject({ low: v.number(), high: v.number() });

export const PlanAnswer = v.strictObject({
  window: v.strictObject({ start: InstantText, end: InstantText, interval: Text }),
  format: about(v.picklist(LINE_FORMATS), "The format of the run's lines."),
  complete: about(Flag, "True: every part of the window was checked."),
  retry_after_ms: about(
    CountOrNull,
    "After how many milliseconds to repeat the request. Null: the answer is complete.",
  ),
  raw: v.strictObject({
    files: Count,
    bytes: Count,
    span: about(v.nullable(SpanText), "The earliest and latest time in the names of the files."),
    margin_files: about(
      CountOrNull,
      "Files of the late margin after the window. A run reads them too. Null: not listed.",
    ),
  }),
  uncovered: about(v.array(SpanText), "The first 20 parts of the window without a raw file."),
  uncovered_seconds: v.number(),
  live: about(
    v.nullable(
      v.strictObject({
        seen: v.nullable(Flag),
        complete: Flag,
        as_of: InstantOrNull,
        retry_after_ms: CountOrNull,
        oldest_evidence: InstantOrNull,
        files_with_markers: Count,
        files: v.nullable(eachOf(LIVE_STATES, Count)),
      }),
    ),
    "What the live worker delivered. Null: Coverage did not answer.",
  ),
  overlaps: about(
    v.array(
      v.strictObject({
        run: RunIdText,
        start: InstantText,
        end: InstantText,
        stage_code: Stage,
        delivery_completed: Flag,
      }),
    ),
    "Runs that sent or may send lines of this window.",
  ),
  slot: v.strictObject({ holder: v.nullable(RunIdText) }),
  lines: v.strictObject({
    ...Range.entries,
    bytes_per_line: v.strictObject({
      ...Range.entries,
      from: about(
        v.nullable(v.strictObject({ run: RunIdText, files: Count })),
        "The earlier run that the estimate uses. Null: no run.",
      ),
    }),
  }),
  batches: Range,
  minutes_at_cap: Range,
  cost_usd: Range,
  files: about(
    v.nullable(
      v.array(
        v.strictObject({ key: Text, size: Count, start: InstantText, end: InstantText, live: LiveState }),
      ),
    ),
    "The first 500 files. Null: the window is too long to list.",
  ),
  files_left_off: Count,
  warnings: v.array(CodeAndDetail),
});
export type PlanAnswer = v.InferOutput<typeof PlanAnswer>;
