// The schema of GET /runs/:id/series's answer: how fast a run delivered, over time.
import * as v from "valibot";
import { Count, CountOrNull, InstantText, RunIdText, about, named } from "./shapes.ts";

export const SeriesPoint = v.strictObject({
  at: about(InstantText, "When the interval begins."),
  seconds: about(Count, "The length of the interval: 10 in the last hour, before that 60, before that more."),
  lines: about(Count, "Lines that became delivered in this interval."),
  posts: about(Count, "POSTs whose outcome was reported."),
  failures: about(Count, "How many of these POSTs failed."),
  target_lines_per_second: about(Count, "The rate limiter's target at the newest report of the interval."),
  max_lines_per_second: about(Count, "The cap at the newest report of the interval."),
  ack_ms: about(
    v.strictObject({
      p50: about(CountOrNull, "Half of the answers came within this many ms, rounded up to a bucket."),
      p95: about(CountOrNull, "95 % of the answers came within this many ms, rounded up to a bucket."),
    }),
    "Acknowledgement times in ms. Null while no POST was answered.",
  ),
});
export type SeriesPoint = v.InferOutput<typeof SeriesPoint>;

export const SeriesAnswer = named(
  "SeriesAnswer",
  "How fast a run delivered, over time.",
  v.strictObject({
    run: about(RunIdText, "The id of the run."),
    as_of: about(InstantText, "When the run answered."),
    points: about(
      v.pipe(v.array(SeriesPoint), v.maxLength(1_900)),
      "The points, oldest first. The numbers of the newest point may still grow.",
    ),
    lines_without_point: about(
      v.pipe(v.number(), v.integer()),
      "`log_lines_sent` without the lines of all points: settled by an operator, or sent by an older version.",
    ),
  }),
);
export type SeriesAnswer = v.InferOutput<typeof SeriesAnswer>;
