// The schemas of a run's limits, its fixed specification, and its sending rate.
import * as v from "valibot";
import { LINE_FORMATS } from "../line-formats.ts";
import { BODY_FORMS } from "../receivers.ts";
import { LIVE_MODES, LIVE_WAITING_MODES } from "../live.ts";
import { WEEKDAYS } from "../send-hours.ts";
import {
  Count,
  CountOrNull,
  Digest,
  Flag,
  InstantText,
  RunIdText,
  Text,
  TextOrNull,
  about,
} from "./shapes.ts";

const Rate = v.union([v.literal("auto"), Count]);

export const SendRange = v.strictObject({
  from: about(Text, "`HH:MM` on the wall clock of `zone`."),
  to: about(Text, "`HH:MM` or `24:00`. The range ends before this minute."),
  zone: about(Text, "The IANA name of a time zone."),
  days: about(
    v.exactOptional(v.array(v.picklist(WEEKDAYS))),
    "The days on which the range begins. Absent: every day.",
  ),
});

const LimitsEntries = {
  max_lines_per_second: about(Count, "The most lines in any one second."),
  max_requests_per_second: about(CountOrNull, "Null: no cap."),
  max_bytes_per_second: about(CountOrNull, "Null: no cap."),
  max_in_flight: about(Count, "The most POSTs of all senders together that are open at the same time."),
  rate: about(Rate, "Files enqueued per minute. `auto` follows the receiver's speed."),
  polite: Flag,
  on_uncertain: v.picklist(["resend", "hold"]),
  send_between: about(
    v.nullable(v.array(SendRange)),
    "The run sends only within these ranges. Null: at any time.",
  ),
  daily_lines: about(CountOrNull, "The most lines of one calendar day. Null: no cap."),
};
export const Limits = v.strictObject(LimitsEntries);

export const Spec = v.strictObject({
  ...LimitsEntries,
  start: InstantText,
  end: InstantText,
  end_exclusive: Flag,
  batch_size: Count,
  max_batch_bytes: Count,
  gzip_level: Count,
  format_version: about(Text, "Field 1 of each line. The same in every format."),
  format: about(v.picklist(LINE_FORMATS), "How a record becomes a line."),
  format_fields: about(
    v.exactOptional(v.record(v.string(), v.string())),
    "The constants of the lines, by field number.",
  ),
  record: about(
    v.exactOptional(v.union([v.literal("whole"), v.array(v.strictTuple([Text, Text]))])),
    "Present when lines are JSON: `whole` records, or each member's name and source. `format` then has no effect.",
  ),
  receiver: about(
    v.exactOptional(
      v.strictObject({
        kind: v.literal("http"),
        form: v.picklist(BODY_FORMS),
        before_each: about(TextOrNull, "The JSON text that is sent before each line. Null: none."),
        token: about(
          v.nullable(v.strictObject({ in: v.picklist(["header", "query"]), name: Text })),
          "Where a request carries the token of its batch. Null: it carries none.",
        ),
        dedupes_ms: about(v.exactOptional(Count), "How long the receiver remembers a token."),
      }),
    ),
    "How the run sends to a receiver of the kind `http`. Absent: the kind is `ctyun`.",
  ),
  top_level_parent_ray_ids: v.array(v.nullable(v.string())),
  dedupe: v.picklist(["off", "file"]),
  on_corrupt: v.picklist(["fail", "salvage"]),
  max_line_bytes: Count,
  parse_version: v.exactOptional(v.picklist([1, 2])),
  max_suspect_ratio: v.exactOptional(v.number()),
  log_prefix: Text,
  folders: v.array(v.string()),
  late_margin_ms: Count,
  lookback_ms: Count,
  single_stamp_span_ms: Count,
  cleanup_grace_ms: Count,
  on_refused: v.picklist(["keep", "split"]),
  refusal_is_atomic: Flag,
  canary: CountOrNull,
  replay: Flag,
  continue_of: v.nullable(RunIdText),
  resend_inherited: Flag,
  queue_window: about(v.exactOptional(Count), "The window of the queue that the run replays."),
  dry_run: v.exactOptional(v.literal(true)),
  plan: v.exactOptional(v.strictObject({ run: RunIdText, hash: Digest })),
  live: v.exactOptional(v.picklist(LIVE_MODES)),
  live_batch_size: v.exactOptional(Count),
  live_waiting: v.exactOptional(v.picklist(LIVE_WAITING_MODES)),
  live_prefix: v.exactOptional(Text),
  live_settle_ms: v.exactOptional(Count),
});

export const RateNow = v.strictObject({
  files_per_minute: Rate,
  max_lines_per_second: Count,
  max_requests_per_second: CountOrNull,
  max_bytes_per_second: CountOrNull,
  max_in_flight: Count,
  target_lines_per_second: about(
    v.number(),
    "The present rate of the rate limiter, which permits each POST.",
  ),
  lines_per_second: about(v.number(), "Lines delivered per second, over the last ten seconds."),
  granted_peak_lines_per_second: about(Count, "The most lines of send permits in any one second."),
  lines_today: about(Count, "Lines of the send permits of this calendar day."),
});

const Milliseconds = v.nullable(v.pipe(v.number(), v.minValue(0)));
export const PostFiguresEntries = {
  ack_ms: about(
    v.strictObject({ p50: Milliseconds, p95: Milliseconds, p99: Milliseconds }),
    "Acknowledgement times in milliseconds. Null while no POST was answered.",
  ),
  failures: about(v.record(v.string(), Count), "POSTs that failed, by cause."),
  connection_errors: about(
    v.record(v.string(), Count),
    "POSTs without an answer, by the cause that the runtime gave.",
  ),
};
