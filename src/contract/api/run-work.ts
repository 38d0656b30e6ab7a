// The schemas for the work of a run in its status: time, bytes, operations and their cost.
import * as v from "valibot";
import { Count, CountOrNull, about } from "./shapes.ts";

const Dollars = v.pipe(v.number(), v.minValue(0));
const Seconds = v.pipe(v.number(), v.minValue(0));

export const WorkEntries = {
  duration_seconds: about(Count, "From the run's start to its delivery, abort or count, or until now."),
  lines_per_second_avg: about(Count, "Delivered lines divided by the duration."),
  lines_per_second_peak: about(
    CountOrNull,
    "In the busiest ten seconds. At least the average. Null: no report yet, or an older run.",
  ),
  sending_seconds: about(v.nullable(Seconds), "Seconds in which a sender had at least one batch."),
  bytes: about(
    v.nullable(
      v.strictObject({
        read: about(Count, "Compressed bytes of raw objects."),
        inflated: about(Count, "The uncompressed bytes of the same objects."),
        sent: about(Count, "The compressed bytes of the bodies of POSTs."),
      }),
    ),
    "A lower bound. Null for a run that an older version started.",
  ),
  operations: about(
    v.nullable(
      v.strictObject({
        r2_class_a: Count,
        r2_class_b: Count,
        object_requests: Count,
        object_rows_written: Count,
        object_rows_read: Count,
        queue_messages: Count,
      }),
    ),
    "Billed operations, as a lower bound. Null for a run that an older version started.",
  ),
  cost_usd: about(
    v.nullable(
      v.strictObject({
        r2: Dollars,
        durable_objects: Dollars,
        queues: Dollars,
        counted: about(Dollars, "The sum of `r2`, `durable_objects` and `queues`."),
        object_duration_estimate: about(Dollars, "An estimate. `counted` does not include it."),
      }),
    ),
    "What `operations` cost in US$. Null for a run that an older version started.",
  ),
};
