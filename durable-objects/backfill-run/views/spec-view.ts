// Shows what a run was started with, and its times, in the field names of the API.
import { iso, isoOrNull } from "../../../src/contract/instants.ts";
import { OLDEST_FORMAT } from "../../../src/contract/line-formats.ts";
import type { ParseSpec, Window } from "../../../src/contract/parse-spec.ts";
import { shownReceiver, type HttpSending } from "../../../src/contract/receivers.ts";
import type { RunSpec } from "../../../src/contract/run.ts";
import { isoSecond } from "../../../src/contract/run-id.ts";
import type { ReceiverView, SpecView, WindowView } from "../../../src/contract/spec-view.ts";
import type { OriginView, TimesView } from "../../../src/contract/views.ts";
import { snakeMembers } from "../../../src/platform/snake-case.ts";
import type { RunRow } from "../ledger/run-row.ts";

/** The fields of POST /runs, and the settings that the deployment added. */
export function specView(spec: RunSpec): SpecView {
  const { runId: _id, createdAt: _created, actor: _actor, note: _note, ...frozen } = spec;
  const { parse, live, receiver, http, ...options } = frozen;
  const { startMs, endMs, endExclusive, batchLines, record, ...reading } = parse;
  return {
    start: isoSecond(startMs),
    end: isoSecond(endMs),
    end_exclusive: endExclusive,
    batch_size: batchLines,
    ...snakeMembers<Reading>(reading),
    format: parse.format ?? OLDEST_FORMAT,
    ...(record && { record }),
    ...snakeMembers(options),
    ...(receiver !== undefined && { receiver_name: receiver }),
    ...(http && { receiver: receiverView(http) }),
    ...(live && {
      live: "skip_delivered",
      live_batch_size: live.batchSize,
      live_waiting: live.waiting,
      live_prefix: live.prefix,
      live_settle_ms: live.settleMs,
    }),
  };
}

type Reading = Omit<ParseSpec, keyof Window | "batchLines" | "record">;

function receiverView({ form, beforeEach, token, dedupesMs }: HttpSending): ReceiverView {
  return { kind: "http", form, before_each: beforeEach, token, ...(dedupesMs && { dedupes_ms: dedupesMs }) };
}

export function windowView({ startMs, endMs, endExclusive }: Window): WindowView {
  const [start, end] = [isoSecond(startMs), isoSecond(endMs)];
  return { start, end, interval: `[${start}, ${end}${endExclusive ? ")" : "]"}` };
}

export function originView({ receiver, continueOf, dryRun, replay, note, actor }: RunSpec): OriginView {
  const shown = shownReceiver(receiver);
  return { receiver: shown, continue_of: continueOf, dry_run: dryRun === true, replay, note, actor };
}

export function timesView({ createdAt }: RunSpec, row: RunRow): TimesView {
  return {
    created_at: iso(createdAt),
    started_at: iso(row.started_at),
    stage_since: iso(row.stage_since),
    delivered_at: isoOrNull(row.delivered_at),
    ended_at: isoOrNull(row.ended_at),
  };
}
