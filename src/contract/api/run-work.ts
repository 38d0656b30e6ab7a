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
    "The rate in the busiest ten seconds, without pauses. Null: no report yet, or an older run.",
  ),
  sending_seconds: about(
    v.nullable(Seconds),
    "Seconds in which a sender had at least one batch. Null for a run that an older version started.",
  ),
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
        r2_class_a: about(Count, "R2 operations of class A, such as writes and lists."),
        r2_class_b: about(Count, "R2 operations of class B, such as reads."),
        object_requests: about(
          Count,
          "Calls of parsers, senders and operators to the run's Durable Object, and alarms.",
        ),
        object_rows_written: about(Count, "Rows that the Durable Object wrote."),
        object_rows_read: about(Count, "Rows that the Durable Object read."),
        queue_messages: about(Count, "Messages that the run sent to queues."),
      }),
    ),
    "Billed operations, as a lower bound. Null for a run that an older version started.",
  ),
  cost_usd: about(
    v.nullable(
      v.strictObject({
        r2: about(Dollars, "R2 operations, in US$."),
        durable_objects: about(Dollars, "Requests and rows of the Durable Object, in US$."),
        queues: about(Dollars, "Queue operations, in US$. A message counts as three."),
        counted: about(Dollars, "The sum of `r2`, `durable_objects` and `queues`."),
        object_duration_estimate: about(
          Dollars,
          "The duration of the Durable Object in US$, as an estimate. `counted` does not include it.",
        ),
      }),
    ),
    "What `operations` cost in US$. Null for a run that an older version started.",
  ),
};
