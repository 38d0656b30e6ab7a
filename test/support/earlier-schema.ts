// Gives a run the rows and columns of earlier code. It undoes migrations, which the run's Durable Object applies
// again when it is loaded.
import { runInDurableObject } from "cloudflare:test";
import type { RunUnderTest } from "./run-under-test.ts";

/** Undoes 0015: the slot has the name of a batch state, and the kind of an answer is part of a text. */
const BEFORE_ANSWER_KIND = [
  "UPDATE run SET slot = 'held' WHERE slot = 'owned'",
  "UPDATE attempts SET detail = answer_kind || coalesce(' ' || detail, '') WHERE answer_kind IS NOT NULL",
  "ALTER TABLE attempts DROP COLUMN answer_kind",
];

/** Undoes 0016 and 0017: no run has a plan, or minutes with a file. */
const BEFORE_PLANS = [
  "ALTER TABLE run DROP COLUMN covered_minutes",
  "ALTER TABLE run DROP COLUMN plan_json",
  "DROP TABLE planned",
];

/** Undoes 0018 to 0020: no run stores what the live worker delivered. */
const BEFORE_LIVE = [
  "DROP INDEX batches_tried_discarded",
  ...["check", "recheck", "waiting"].map((name) => `DROP INDEX files_live_${name}`),
  "DROP INDEX files_safe_key",
  "DROP INDEX files_by_range",
  ...["live_json", "live_marked", "live_recheck", "live_check_at", "waiting_since", "safe_key"].map(
    (name) => `ALTER TABLE files DROP COLUMN ${name}`,
  ),
  "ALTER TABLE run DROP COLUMN live_json",
  ...["files_waiting", "live_rechecks", "live_waiting_lines", "live_meanwhile_batches", "live_meanwhile_lines"].map(
    (name) => `ALTER TABLE totals DROP COLUMN ${name}`,
  ),
  "DROP TABLE inherited_live",
]; // prettier-ignore

/** Undoes 0021 to 0028: no run has a series, counts its work, has an outbox, or sends to a receiver that remembers
 * tokens. Every claim is in its batch row, and every count of a file in its row. */
const BEFORE_SERIES = [
  "DROP INDEX files_left_out",
  "ALTER TABLE attempts DROP COLUMN deduped",
  "ALTER TABLE attempts DROP COLUMN arrived_after",
  "ALTER TABLE totals DROP COLUMN deduped_lines",
  `UPDATE batches SET state = 'leased', attempt = 1
   WHERE batch IN (SELECT value FROM totals, json_each(claims_json))`,
  "ALTER TABLE totals DROP COLUMN claims_json",
  `UPDATE files SET unsettled = unsettled + (value ->> 'settled'),
     fresh = coalesce(value ->> 'fresh', fresh), posted = iif(value ->> 'fresh' IS NULL, posted, 1)
   FROM (SELECT CAST(key AS INTEGER) AS one, value FROM totals, json_each(progress_json)) WHERE file = one`,
  "ALTER TABLE totals DROP COLUMN progress_json",
  "ALTER TABLE totals DROP COLUMN calls_json",
  "DROP TABLE outbox",
  "DROP TABLE series",
  "ALTER TABLE totals DROP COLUMN series_json",
  "ALTER TABLE totals DROP COLUMN work_json",
];

/** Undoes 0012 to 0014. Before 0012, one time column had two meanings, and the reason was one text. */
const BEFORE_NAMED_TIMES = [
  "ALTER TABLE totals DROP COLUMN dropped_delivered_live",
  "ALTER TABLE files RENAME COLUMN times_enqueued TO offers",
  ...["batches_retry", "batches_set_aside", "batches_tried"].map((index) => `DROP INDEX ${index}`),
  ...["files_enqueue", "files_urgent", "files_parse_leases", "files_failing"].map(
    (index) => `DROP INDEX ${index}`,
  ),
  "ALTER TABLE batches RENAME COLUMN retry_at TO due_at",
  "ALTER TABLE batches RENAME COLUMN reason_detail TO reason",
  "UPDATE batches SET due_at = set_aside_at WHERE set_aside_at IS NOT NULL",
  `UPDATE batches SET reason = CASE reason_code
     WHEN 'same_as' THEN 'the same as batch ' || same_as_batch
     WHEN 'inherited_delivered' THEN 'inherited: delivered by ' || reason
     WHEN 'inherited_uncertain' THEN 'inherited: uncertain in ' || reason
     WHEN 'resolved_delivered' THEN 'resolved as delivered: ' || reason
     WHEN 'resolved_discarded' THEN 'resolved as discarded: ' || reason
     WHEN 'file_accepted' THEN 'its file was accepted as it stands'
     ELSE reason_code || coalesce(': ' || reason, '') END
   WHERE reason_code IS NOT NULL`,
  ...["set_aside_at", "reason_code", "same_as_batch"].map(
    (name) => `ALTER TABLE batches DROP COLUMN ${name}`,
  ),
  "CREATE INDEX batches_waiting ON batches (state, due_at, batch) WHERE due_at IS NOT NULL",
  "CREATE INDEX batches_tried ON batches (state) WHERE attempt > 0 AND due_at IS NOT NULL",
  "ALTER TABLE files RENAME COLUMN enqueue_at TO due_at",
  "ALTER TABLE files RENAME COLUMN reason_detail TO reason",
  "UPDATE files SET due_at = parse_lease_ends_at WHERE parse_lease_ends_at IS NOT NULL",
  `UPDATE files SET reason = reason_code || coalesce(': ' || reason, '') || coalesce('; ' || decision, '')
   WHERE reason_code IS NOT NULL`,
  ...["parse_lease_ends_at", "reason_code", "decision"].map(
    (name) => `ALTER TABLE files DROP COLUMN ${name}`,
  ),
  "CREATE INDEX files_due ON files (state, due_at) WHERE due_at IS NOT NULL",
  "CREATE INDEX files_urgent ON files (due_at) WHERE state = 'listed' AND first_batch IS NOT NULL",
  "CREATE INDEX files_failing ON files (file) WHERE state = 'listed' AND reason IS NOT NULL",
  `UPDATE bulk_commands SET cursor_json = replace(cursor_json, '"at":', '"due_at":')`,
];

/** Undoes 0003 to 0011. */
const BEFORE_BULK_COMMANDS = [
  "DROP TABLE bulk_commands",
  "DROP INDEX batches_tried",
  "DROP TABLE reports",
  "DROP INDEX files_failing",
  "ALTER TABLE batches DROP COLUMN done_at",
  "ALTER TABLE batches DROP COLUMN answer_status",
  "ALTER TABLE batches DROP COLUMN member_digest",
  "UPDATE run SET limits_json = json_remove(limits_json, '$.maxRequestsPerSecond', '$.maxBytesPerSecond', '$.polite', '$.onUncertain', '$.sendBetween', '$.dailyLines')",
  "DROP INDEX attempts_by_answer",
  "DROP TABLE assumed_not_delivered",
  "ALTER TABLE totals DROP COLUMN assumed_json",
  "ALTER TABLE totals DROP COLUMN inherited_lines",
  "ALTER TABLE totals DROP COLUMN inherited_attempts",
  "ALTER TABLE totals DROP COLUMN matched_files",
  "DROP TABLE list_tasks",
  "DROP TABLE gathered_keys",
  "DROP INDEX files_by_name",
  "DROP INDEX files_duplicates",
  "ALTER TABLE files DROP COLUMN base_name",
  "ALTER TABLE files DROP COLUMN duplicate_of",
  "ALTER TABLE totals DROP COLUMN files_duplicate",
  "DROP TABLE inherited_choices",
  "ALTER TABLE files DROP COLUMN choices_json",
  ...[
    "repaired",
    ...["lines", "times", "parents"].flatMap((name) => [`${name}_checked`, `${name}_failing`]),
  ].map((column) => `ALTER TABLE totals DROP COLUMN ${column}`),
  // Runs of that time have no parse version and no ratio.
  "UPDATE run SET spec_json = json_remove(spec_json, '$.parse.parseVersion', '$.parse.maxSuspectRatio')",
];

/** Undoes 0002: leases are in the batch rows. */
const BEFORE_SEND_LEASES = [
  `UPDATE batches SET due_at =
     (SELECT value FROM totals, json_each(leases_json) WHERE CAST(key AS INTEGER) = batch) WHERE state = 'leased'`,
  "ALTER TABLE totals DROP COLUMN leases_json",
];

const UNDO = {
  "0020-file-ranges": BEFORE_SERIES,
  "0014-times-enqueued": [...BEFORE_SERIES, ...BEFORE_LIVE, ...BEFORE_PLANS, ...BEFORE_ANSWER_KIND],
  "0011-suspects": [
    ...BEFORE_SERIES,
    ...BEFORE_LIVE,
    ...BEFORE_PLANS,
    ...BEFORE_ANSWER_KIND,
    ...BEFORE_NAMED_TIMES,
  ],
  "0001-run": [
    ...BEFORE_SERIES,
    ...BEFORE_LIVE,
    ...BEFORE_PLANS,
    ...BEFORE_ANSWER_KIND,
    ...BEFORE_NAMED_TIMES,
    ...BEFORE_SEND_LEASES,
    ...BEFORE_BULK_COMMANDS,
  ],
};

/** Undoes the migrations after `last`. The next call of the run applies them again, after an eviction. */
export function leftBy(run: RunUnderTest, last: keyof typeof UNDO): Promise<void> {
  const undo = UNDO[last];
  return runInDurableObject(run.stub, (_object, { storage: { sql } }) => {
    for (const statement of undo) sql.exec(statement);
    sql.exec("DELETE FROM migrations WHERE name > ?", last);
  });
}
