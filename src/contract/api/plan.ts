// The schema of the answer of POST /runs/plan.
import * as v from "valibot";
import type { CoverageFile } from "../coverage.ts";
import { LineFormat } from "./run-limits.ts";
import { Stage } from "./states.ts";
import { CodeAndDetail, Count, CountOrNull, Flag, InstantOrNull, InstantText, ReceiverText, RunIdText, SpanText, Text, about, codes, countsOf, named } from "./shapes.ts"; // prettier-ignore

/** How much of a file the live worker delivered. */
export const LIVE_STATES = ["delivered", "partly", "not_delivered", "waiting", "marked", "unknown"] as const;
const LIVE_STATE_TEXTS: Readonly<Record<CoverageFile["state"], string>> = {
  delivered: "The file has markers of accepted batches, and no gap is known.",
  partly: "A marker is missing, or the file has far fewer markers than its neighbours.",
  not_delivered: "The file has no marker.",
  waiting: "A batch of the live worker has no answer yet, and no marker is missing.",
  marked: "The file has markers, which were not counted yet.",
  unknown: "Coverage has not looked for markers of the file yet.",
};
export const LiveState = codes(
  "LiveState",
  "What the live worker delivered of a raw file, by its markers.",
  LIVE_STATE_TEXTS,
);

function range(low: string, high: string) {
  return { low: about(v.number(), low), high: about(v.number(), high) };
}

export const PlanAnswer = named(
  "PlanAnswer",
  "An estimate of what a run would find, send and cost.",
  v.strictObject({
    receiver: about(ReceiverText, "The receiver of the run."),
    window: about(
      v.strictObject({
        start: about(InstantText, "The start of the window. The window includes this instant."),
        end: about(InstantText, "The end of the window."),
        interval: about(Text, "`[start, end]`, or `[start, end)` when the end is outside."),
      }),
      "The window of the run.",
    ),
    format: about(LineFormat, "The format of the run's lines."),
    complete: about(Flag, "True: every part of the window was checked."),
    retry_after_ms: about(
      CountOrNull,
      "After how many milliseconds to repeat the request. Null: the answer is complete.",
    ),
    raw: about(
      v.strictObject({
        files: about(Count, "Raw files whose names overlap the window."),
        bytes: about(Count, "Compressed bytes of these files."),
        span: about(
          v.nullable(SpanText),
          "The earliest and latest time in the names of the files. Null: no file, or not listed.",
        ),
        margin_files: about(
          CountOrNull,
          "Files of the late margin after the window, which a run reads too. Null: not listed.",
        ),
      }),
      "The raw files that a run would read.",
    ),
    uncovered: about(v.array(SpanText), "The first 20 parts of the window without a raw file."),
    uncovered_seconds: about(v.number(), "Seconds of all parts of the window without a raw file."),
    live: about(
      v.nullable(
        v.strictObject({
          seen: about(
            v.nullable(Flag),
            "True: the bucket has markers of a live worker. Null: this was not checked yet.",
          ),
          complete: about(Flag, "True: Coverage has listed the whole window and is up to date."),
          as_of: about(
            InstantOrNull,
            "When the oldest of the shown hours was checked. Null: no shown hour was checked yet.",
          ),
          retry_after_ms: about(
            CountOrNull,
            "After how many milliseconds to repeat the request. Null: `complete` is true.",
          ),
          oldest_evidence: about(
            InstantOrNull,
            "Start of the oldest raw file with a marker. Null: no marker is known.",
          ),
          files_with_markers: about(Count, "Raw files with at least one marker."),
          files: about(
            v.nullable(
              countsOf(LIVE_STATES, (state) => `Files in the state \`${state}\`. ${LIVE_STATE_TEXTS[state]}`),
            ),
            "Files by what the live worker delivered of them. Null: the window is too long to list.",
          ),
        }),
      ),
      "What the live worker delivered. Null: Coverage did not answer.",
    ),
    overlaps: about(
      v.array(
        v.strictObject({
          run: about(RunIdText, "The id of the run."),
          start: about(InstantText, "The start of the run's window."),
          end: about(InstantText, "The end of the run's window."),
          stage_code: about(Stage, "The stage in the run's last progress report."),
          delivery_completed: about(Flag, "True: the run delivered its window."),
        }),
      ),
      "Runs that sent or may send lines of this window.",
    ),
    slot: about(
      v.strictObject({
        holder: about(v.nullable(RunIdText), "The run that has the slot. Null: the slot is free."),
      }),
      "The receiver's slot.",
    ),
    lines: about(
      v.strictObject({
        ...range("The fewest lines that the window probably has.", "The most lines that it probably has."),
        bytes_per_line: about(
          v.strictObject({
            ...range("The fewest bytes per line.", "The most bytes per line."),
            from: about(
              v.nullable(
                v.strictObject({
                  run: about(RunIdText, "The id of the run."),
                  files: about(Count, "How many of its files the estimate uses."),
                }),
              ),
              "The earlier run that the estimate uses. Null: no run.",
            ),
          }),
          "Compressed bytes of raw files for each kept line.",
        ),
      }),
      "How many lines the window has: `raw.bytes` divided by the bytes per line.",
    ),
    batches: about(
      v.strictObject(range("The fewest batches.", "The most batches.")),
      "How many batches the lines make. A batch has lines of one file only.",
    ),
    minutes_at_cap: about(
      v.strictObject(range("Minutes for the fewest lines.", "Minutes for the most lines.")),
      "How many minutes the lines take at `max_lines_per_second`.",
    ),
    cost_usd: about(
      v.strictObject(range("The cost of the fewest batches.", "The cost of the most batches.")),
      "What the run costs at public prices, in US$.",
    ),
    files: about(
      v.nullable(
        v.array(
          v.strictObject({
            key: about(Text, "The key of the raw file in the bucket."),
            size: about(Count, "Compressed bytes of the file."),
            start: about(InstantText, "The start of the time that the file covers, by its name."),
            end: about(InstantText, "The end of the time that the file covers, by its name."),
            live: about(LiveState, "What the live worker delivered of the file."),
          }),
        ),
      ),
      "The first 500 files. Null: the window is too long to list.",
    ),
    files_left_off: about(Count, "How many further files the window has. 0 when `files` is null."),
    warnings: about(v.array(CodeAndDetail), "What may go wrong. docs/reference/http-api.md lists the codes."),
  }),
);
export type PlanAnswer = v.InferOutput<typeof PlanAnswer>;
