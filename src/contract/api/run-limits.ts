// The schemas of a run's limits, its fixed specification, and its sending rate.
import * as v from "valibot";
import type { LineFormat as FormatName } from "../line-formats.ts";
import { BODY_FORMS } from "../receivers.ts";
import { LIVE_MODES, LIVE_WAITING_MODES } from "../live.ts";
import { WEEKDAYS } from "../send-hours.ts";
import {
  Count,
  CountOrNull,
  Digest,
  Flag,
  InstantText,
  ReceiverText,
  RunIdText,
  Text,
  TextOrNull,
  about,
  codes,
  named,
} from "./shapes.ts";

export const LineFormat = codes<FormatName>("LineFormat", "How a record becomes a line.", {
  "edge-3.0": "The lines of every version since the first release.",
  "edge-3.0-2026-05": "The lines as the partner gets them from live senders since May 2026.",
});

const Rate = v.union([v.literal("auto"), Count]);
const weekdays = WEEKDAYS.map((day) => `\`${day}\``).join(", ");

export const SendRange = named(
  "SendRange",
  "A range of hours in which a run sends.",
  v.strictObject({
    from: about(Text, "`HH:MM` on the wall clock of `zone`."),
    to: about(Text, "`HH:MM` or `24:00`. The range ends before this minute."),
    zone: about(Text, "The IANA name of a time zone."),
    days: about(
      v.exactOptional(v.array(v.picklist(WEEKDAYS))),
      `The days on which the range begins: ${weekdays}. Absent: every day.`,
    ),
  }),
);

export const onUncertain = about(
  v.picklist(["resend", "hold"]),
  "After an attempt that may have been accepted: `resend` sends the batch again, `hold` holds it.",
);
const caps = {
  max_lines_per_second: about(Count, "The most lines in any one second."),
  max_requests_per_second: about(CountOrNull, "The most POSTs in any one second. Null: no cap."),
  max_bytes_per_second: about(CountOrNull, "The most compressed bytes in any one second. Null: no cap."),
  max_in_flight: about(Count, "The most POSTs of all senders together that are open at the same time."),
};
const LimitsEntries = {
  ...caps,
  rate: about(Rate, "Files enqueued per minute. `auto` adapts to the speed of the receiver."),
  polite: about(
    Flag,
    "True: the run starts at a tenth of the cap, and slows down earlier when latency rises.",
  ),
  on_uncertain: onUncertain,
  send_between: about(
    v.nullable(v.array(SendRange)),
    "The run sends only within these ranges. Null: at any time.",
  ),
  daily_lines: about(CountOrNull, "The most lines of one calendar day. Null: no cap."),
};
export const Limits = named(
  "Limits",
  "The limits of a run that `PATCH /runs/:id` can change.",
  v.strictObject(LimitsEntries),
);

const Receiver = v.strictObject({
  kind: about(v.literal("http"), "Always `http`."),
  form: about(
    v.picklist(BODY_FORMS),
    "The body of a request: `lines`, one after the other, or `json-array`, one array of all lines.",
  ),
  before_each: about(TextOrNull, "The JSON text that is sent before each line. Null: none."),
  token: about(
    v.nullable(
      v.strictObject({
        in: about(v.picklist(["header", "query"]), "The part of the request: a `header` or the `query`."),
        name: about(Text, "The name of the header or of the query parameter."),
      }),
    ),
    "Where a request carries the token of its batch. Null: a request carries no token.",
  ),
  dedupes_ms: about(
    v.exactOptional(Count),
    "How long the receiver remembers a token, in ms. Absent: not known.",
  ),
});

export const Spec = named(
  "Spec",
  "The options of a run, which never change after its start.",
  v.strictObject({
    ...LimitsEntries,
    start: about(InstantText, "The start of the window. The window includes this instant."),
    end: about(InstantText, "The end of the window. Included, unless `end_exclusive` is true."),
    end_exclusive: about(Flag, "True: the window does not include the instant `end`."),
    batch_size: about(Count, "The most lines in a batch."),
    max_batch_bytes: about(Count, "A batch closes before it would exceed this many uncompressed bytes."),
    gzip_level: about(Count, "The compression level of the batches, as zlib counts it."),
    format_version: about(Text, "Field 1 of each line. The same in every format."),
    format: about(LineFormat, "The format of the run's lines."),
    format_fields: about(
      v.exactOptional(v.record(v.string(), v.string())),
      "The constants of the lines, by field number. Absent: the format has none.",
    ),
    record: about(
      v.exactOptional(v.union([v.literal("whole"), v.array(v.strictTuple([Text, Text]))])),
      "Present when lines are JSON: `whole` records, or each member's name and source. `format` then has no effect.",
    ),
    receiver_name: about(
      v.exactOptional(ReceiverText),
      "The receiver to which the run sends. Absent: the receiver `default`.",
    ),
    receiver: about(
      v.exactOptional(Receiver),
      "How the run sends to a receiver of the kind `http`. Absent: the kind is `ctyun`.",
    ),
    top_level_parent_ray_ids: about(
      v.array(v.nullable(v.string())),
      "The values of ParentRayID that mean top level. Null stands for JSON null and an absent member.",
    ),
    dedupe: about(
      v.picklist(["off", "file"]),
      "`file`: only the first kept record with a RayID in each file is sent. `off`: all are sent.",
    ),
    on_corrupt: about(
      v.picklist(["fail", "salvage"]),
      "A truncated file: `fail` sends none of it, `salvage` sends its readable part.",
    ),
    max_line_bytes: about(Count, "The longest line in bytes. A longer line is malformed."),
    parse_version: about(
      v.exactOptional(v.picklist([1, 2])),
      "The version of the parser's rules: `1` or `2`. Absent: 1.",
    ),
    max_suspect_ratio: about(
      v.exactOptional(v.number()),
      "The share of records, from 0 to 1, that may fail a check. Absent: an older rule applies.",
    ),
    log_prefix: about(Text, "The prefix of the raw files in the bucket."),
    folders: about(
      v.array(v.string()),
      "Folders below `log_prefix` that are read in addition to the day folders.",
    ),
    late_margin_ms: about(Count, "How long after the window's end a file may begin, in ms."),
    lookback_ms: about(Count, "How long before the window the listed days begin, in ms."),
    single_stamp_span_ms: about(
      Count,
      "The shortest time that a file covers when its name has only one time, in ms.",
    ),
    cleanup_grace_ms: about(Count, "How long the run keeps its packs after it is delivered, in ms."),
    on_refused: about(
      v.picklist(["keep", "split"]),
      "`split` halves a refused batch until the refused line is found. With `keep`, the batch waits for an operator.",
    ),
    refusal_is_atomic: about(Flag, "True: the receiver accepts all lines of a batch or none."),
    canary: about(CountOrNull, "After this number of batches the run pauses. Null: no canary."),
    replay: about(Flag, "True: an operator confirmed that lines of this window are sent again."),
    continue_of: about(v.nullable(RunIdText), "The aborted run that this run continues. Null: none."),
    resend_inherited: about(
      Flag,
      "True: batches that the continued run left uncertain are sent again. False: these batches are held.",
    ),
    queue_window: about(
      v.exactOptional(Count),
      "The window of the queue that the run replays. Absent: the queue did not start it.",
    ),
    dry_run: about(
      v.exactOptional(v.literal(true)),
      "`true`: the run is a dry run, which sends nothing. Absent: the run sends.",
    ),
    plan: about(
      v.exactOptional(
        v.strictObject({
          run: about(RunIdText, "The dry run."),
          hash: about(Digest, "The hash of its plan, a SHA-256 in lower-case hex."),
        }),
      ),
      "The plan that the run replays. Absent: none.",
    ),
    live: about(
      v.exactOptional(v.picklist(LIVE_MODES)),
      "`skip_delivered`: the run sends no record that the live worker delivered. Absent: `ignore`.",
    ),
    live_batch_size: about(
      v.exactOptional(Count),
      "The number of records in a batch of the live worker. Absent without `skip_delivered`.",
    ),
    live_waiting: about(
      v.exactOptional(v.picklist(LIVE_WAITING_MODES)),
      "A batch of the live worker without an answer: `hold` lets its file wait, `send` sends its lines.",
    ),
    live_prefix: about(
      v.exactOptional(Text),
      "The prefix of the markers in the bucket. Absent without `skip_delivered`.",
    ),
    live_settle_ms: about(
      v.exactOptional(Count),
      "A raw file that is younger than this waits, in ms. Absent without `skip_delivered`.",
    ),
  }),
);

export const RateNow = named(
  "RateNow",
  "How fast a run sends now.",
  v.strictObject({
    files_per_minute: about(
      Rate,
      "The limit `rate`: files enqueued per minute, or `auto`, which adapts to the speed of the receiver.",
    ),
    ...caps,
    target_lines_per_second: about(
      v.number(),
      "The present rate of the rate limiter, which permits each POST.",
    ),
    lines_per_second: about(v.number(), "Lines delivered per second, over the last ten seconds."),
    granted_peak_lines_per_second: about(Count, "The most lines of send permits in any one second."),
    lines_today: about(
      Count,
      "Lines of the send permits of today, in the zone of `send_between`, or in UTC.",
    ),
  }),
);

function milliseconds(share: string) {
  return about(
    v.nullable(v.pipe(v.number(), v.minValue(0))),
    `${share} of the answers came within this many ms, rounded up to a bucket.`,
  );
}
export const PostFiguresEntries = {
  ack_ms: about(
    v.strictObject({ p50: milliseconds("Half"), p95: milliseconds("95 %"), p99: milliseconds("99 %") }),
    "Acknowledgement times in milliseconds. Null while no POST was answered.",
  ),
  failures: about(v.record(v.string(), Count), "POSTs that failed, by cause."),
  connection_errors: about(
    v.record(v.string(), Count),
    "POSTs without an answer, by the cause that the runtime gave.",
  ),
};
