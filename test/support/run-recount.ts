// Recounts a run's rows with SQL of its own and shows where sums and rows disagree. Shares no code with the store,
// so that both cannot have the same mistake.
import { BATCH_STATES, FILE_STATES, RETIRED_BATCH_STATE } from "../../src/contract/states.ts";

type Counts = Record<string, number>;

const FROM_COUNTS = {
  read: "linesRead",
  kept: "kept",
  malformed: "malformed",
  empty_lines: "emptyLines",
  dropped_not_top_level: "dropped.not_top_level",
  dropped_invalid_timestamp: "dropped.invalid_timestamp",
  dropped_outside_window: "dropped.outside_window",
  dropped_delivered_live: "dropped.delivered_live",
  dropped_repeated_ray_id: "dropped.repeated_ray_id",
  sanitized_fields: "sanitizedFields",
  repeated_ray_ids: "repeatedRayIds",
  untracked_ray_ids: "untrackedRayIds",
  repaired: "repaired",
};

const FROM_LIVE = {
  live_waiting_lines: "$.waitingLines",
  live_meanwhile_batches: "$.meanwhile.batches",
  live_meanwhile_lines: "$.meanwhile.lines",
};

/** Where the counts of a file store the numbers of checked and of failed lines and records. Suspicious files
 * are left out. */
const CHECKS = {
  lines_checked: "$.linesRead",
  lines_failing: "$.malformed",
  times_checked:
    "$.kept + $.dropped.invalid_timestamp + $.dropped.outside_window + $.dropped.delivered_live + $.dropped.repeated_ray_id",
  times_failing: "$.dropped.invalid_timestamp",
  parents_checked: "$.linesRead - $.malformed - $.workerSubrequests",
  parents_failing: "$.unsetParents.absent + $.unsetParents.zeros",
};
/** The rule that makes a file suspicious, written here independently. */
const IS_SUSPICIOUS = (["lines", "times", "parents"] as const).map((name) => {
  const failing = inJson(CHECKS[`${name}_failing`]);
  const checked = inJson(CHECKS[`${name}_checked`]);
  return `(${failing} > 0 AND (${failing} = ${checked} OR (${failing} > 5 AND 1.0 * ${failing} / ${checked} > ratio)))`;
}).join(" OR "); // prettier-ignore

function inJson(term: string): string {
  return `(${term.replaceAll(/\$\.[A-Za-z_.]+/g, (path) => `coalesce(json_extract(counts_json, '${path}'), 0)`)})`;
}

/** Shadows the table: the first claim of a batch is not in its stored row. Nor are the newest counts of a file. */
const WITH_CLAIMS = `WITH progress AS (SELECT CAST(key AS INTEGER) AS file, value ->> 'settled' AS settled,
    value ->> 'fresh' AS fresh FROM totals, json_each(progress_json)),
  claims AS (SELECT value AS batch FROM totals, json_each(claims_json)),
  batches AS (SELECT batch, file, lines, length, retry_at, set_aside_at, reason_code, reason_detail, same_as_batch,
    CASE WHEN batch IN (SELECT batch FROM claims) THEN 'leased' ELSE state END AS state FROM main.batches)`;

export function recount(sql: SqlStorage): { totals: Counts; counted: Counts; faults: string[] } {
  const one = (statement: string): number =>
    Number(Object.values(sql.exec(`${WITH_CLAIMS} ${statement}`).one())[0] ?? 0);
  /** One row of several sums, in one statement. A walk recounts after each step. */
  const sums = (terms: Record<string, string>, source: string): Counts =>
    sql
      .exec<Counts>(
        `${WITH_CLAIMS} SELECT ${Object.entries(terms)
          .map(([name, term]) => `total(${term}) AS ${name}`)
          .join()} FROM ${source}`,
      )
      .one();
  const counted: Counts = {};
  const isState = (state: string) => `state = '${state}'`;
  Object.assign(
    counted,
    sums(Object.fromEntries(FILE_STATES.map((state) => [`files_${state}`, isState(state)])), "files"),
    sums(
      Object.fromEntries(
        [...BATCH_STATES, RETIRED_BATCH_STATE].flatMap((state) => [
          [`batches_${state}`, isState(state)],
          [`lines_${state}`, `lines * (${isState(state)})`],
        ]),
      ),
      "batches",
    ),
    sums(
      Object.fromEntries(
        Object.entries(FROM_COUNTS).map(([name, path]) => [name, `json_extract(counts_json, '$.${path}')`]),
      ),
      "files WHERE counts_json IS NOT NULL AND counted = 1",
    ),
    sums(
      Object.fromEntries(
        Object.entries(FROM_LIVE).map(([name, path]) => [name, `json_extract(live_json, '${path}')`]),
      ),
      "files WHERE counted = 1",
    ),
  );
  counted["files_duplicate"] = one(
    "SELECT count(*) FROM files WHERE state = 'suspicious' AND duplicate_of IS NOT NULL",
  );
  for (const [name, term] of Object.entries(CHECKS)) {
    counted[name] = one(
      `SELECT total(${inJson(term)}) FROM files,
         (SELECT json_extract(spec_json, '$.parse.maxSuspectRatio') AS ratio FROM run)
       WHERE counts_json IS NOT NULL AND counted = 1 AND ratio IS NOT NULL AND NOT (${IS_SUSPICIOUS})`,
    );
  }
  counted["backlog_bytes"] = one("SELECT total(length) FROM batches WHERE state IN ('pending', 'leased')");
  counted["duplicate_lines"] = one("SELECT total(lines) FROM attempts WHERE state = 'duplicate'");
  counted["uncertain_attempts"] = one("SELECT count(*) FROM attempts WHERE state = 'uncertain'");
  counted["possible_duplicate_lines"] = one(
    "SELECT total(lines) FROM attempts WHERE state = 'uncertain' AND followed <> 0",
  );
  counted["deduped_lines"] = one(
    "SELECT total(lines) FROM attempts WHERE state = 'uncertain' AND followed = 0 AND deduped <> 0",
  );
  counted["inherited_lines"] = one(
    "SELECT total(lines) FROM batches WHERE state = 'discarded' AND reason_code = 'inherited_delivered'",
  );
  counted["inherited_attempts"] = one(
    "SELECT count(*) FROM attempts WHERE state = 'uncertain' AND attempt = 0",
  );
  counted["matched_files"] = one(
    `SELECT count(*) FROM files, run WHERE range_end >= (spec_json ->> '$.parse.startMs')
     AND range_start <= (spec_json ->> '$.parse.endMs') - (spec_json ->> '$.parse.endExclusive')`,
  );
  counted["live_rechecks"] = one("SELECT total(live_recheck) FROM files");
  const row = sql.exec("SELECT * FROM totals").one();
  // Sums that no row shows are not recounted: decisions by hand, and dead letters.
  const uncounted = new Set(["one", "exceptions", "parse_dead_letters", "send_dead_letters"]);
  // The states of rate limiter, breaker, answers and leases are in the same row but are no sums.
  for (const name of [
    "pace_json",
    "breaker_json",
    "answers_json",
    "leases_json",
    "claims_json",
    "progress_json",
    "calls_json",
    "assumed_json",
    "series_json",
    "work_json",
    "last_post_ended_at",
  ])
    uncounted.add(name);
  const rest = Object.fromEntries(Object.entries(row).filter(([name]) => !uncounted.has(name)));
  return { totals: rest as Counts, counted, faults: faultsIn(sql) };
}

const LEASES = "SELECT CAST(key AS INTEGER) AS batch FROM totals, json_each(leases_json)";

function faultsIn(sql: SqlStorage): string[] {
  const none = (what: string, statement: string): string[] =>
    sql
      .exec(`${WITH_CLAIMS} ${statement}`)
      .toArray()
      .map((row) => `${what}: ${JSON.stringify(row)}`);
  const misfiled = sql
    .exec("SELECT * FROM files")
    .toArray()
    .filter((row) => "unclaimed" in row && (row["unclaimed"] === 1) !== (row["fresh"] !== null))
    .map((row) => `a file's index does not say whether it has unclaimed batches: ${JSON.stringify(row)}`);
  return [
    ...misfiled,
    ...none(
      "attempts taken for not delivered are not those of the batches",
      `SELECT status FROM (
         SELECT status, sum(attempts) AS attempts, sum(lines) AS lines FROM assumed_not_delivered GROUP BY status
         UNION ALL SELECT CAST(key AS INTEGER), -(value ->> 'attempts'), -(value ->> 'lines') FROM totals, json_each(assumed_json))
       GROUP BY status HAVING sum(attempts) <> 0 OR sum(lines) <> 0`,
    ),
    ...none(
      "a file's unsettled count is not that of its batches",
      `SELECT f.file, f.state, f.unsettled, settled FROM files f LEFT JOIN progress USING (file)
       WHERE f.unsettled + coalesce(settled, 0) <> (SELECT count(*) FROM batches b
       WHERE b.file = f.file AND b.state NOT IN ('done', 'discarded', 'split'))`,
    ),
    ...none(
      "a file is closed with unsettled batches, or open without",
      `SELECT file, state, unsettled, settled FROM files LEFT JOIN progress USING (file)
       WHERE (state = 'closed' AND (unsettled > 0 OR settled IS NOT NULL))
         OR (state = 'open' AND unsettled + coalesce(settled, 0) = 0)`,
    ),
    ...none(
      "the totals row has counts of a file that is not open",
      "SELECT file, state FROM files JOIN progress USING (file) WHERE state <> 'open'",
    ),
    ...none(
      "a claimable batch that no claim finds",
      `SELECT b.batch, f.state, f.fresh FROM batches b JOIN files f ON f.file = b.file
         LEFT JOIN progress p ON p.file = f.file
       WHERE b.state = 'pending' AND b.retry_at IS NULL AND f.state = 'open'
         AND (f.fresh IS NULL OR coalesce(p.fresh, f.fresh) > b.batch)`,
    ),
    ...none(
      "a file that is like another waits in no other state",
      "SELECT file, state FROM files WHERE duplicate_of IS NOT NULL AND state <> 'suspicious'",
    ),
    ...none(
      "a batch can be sent although its file waits",
      `SELECT b.batch FROM batches b JOIN files f ON f.file = b.file WHERE f.state = 'waiting' AND b.state = 'pending'`,
    ),
    ...none(
      "a file that waits has no time and no question",
      `SELECT file, reason_code FROM files WHERE (live_check_at IS NOT NULL AND state <> 'waiting') OR
       (state = 'waiting' AND live_check_at IS NULL AND reason_code NOT IN ('live_waiting', 'live_batch_size_unproven'))`,
    ),
    ...none(
      "a lease without an end",
      `SELECT batch FROM batches WHERE state = 'leased' AND batch NOT IN (${LEASES})
       UNION ALL SELECT file FROM files WHERE state = 'parsing' AND parse_lease_ends_at IS NULL`,
    ),
    ...none(
      "the lease of a batch that is not leased",
      `SELECT lease.batch FROM (${LEASES}) lease WHERE batch NOT IN (SELECT batch FROM batches WHERE state = 'leased')`,
    ),
    ...none(
      "a first claim without a lease, or of a batch that was claimed before",
      `SELECT claims.batch, b.state, b.attempt FROM claims LEFT JOIN main.batches b ON b.batch = claims.batch
       WHERE claims.batch NOT IN (${LEASES}) OR b.state IS NOT 'pending' OR b.attempt <> 0 OR b.retry_at IS NOT NULL`,
    ),
    ...none(
      "an attempt without a batch",
      "SELECT batch, attempt, state FROM attempts WHERE batch NOT IN (SELECT batch FROM batches)",
    ),
    ...none(
      "a batch with a time of another state",
      `SELECT batch, state, retry_at, set_aside_at FROM batches WHERE (retry_at IS NOT NULL AND state <> 'pending')
         OR (set_aside_at IS NOT NULL) <> (state IN ('refused', 'held'))`,
    ),
    ...none(
      "a file with a time of another state",
      `SELECT file, state, enqueue_at, parse_lease_ends_at FROM files WHERE (enqueue_at IS NOT NULL AND state <> 'listed')
         OR (parse_lease_ends_at IS NOT NULL AND state <> 'parsing')`,
    ),
    ...none(
      "a reason without a code",
      `SELECT batch FROM batches WHERE reason_code IS NULL AND (reason_detail IS NOT NULL OR same_as_batch IS NOT NULL)
       UNION ALL SELECT file FROM files WHERE reason_code IS NULL AND (reason_detail IS NOT NULL OR decision IS NOT NULL)`,
    ),
    ...none(
      "kept lines are not those of the batches",
      `SELECT f.file, json_extract(f.counts_json, '$.kept') AS kept, total(b.lines) AS sent FROM files f
       LEFT JOIN batches b ON b.file = f.file AND b.state <> 'split'
       WHERE f.counted = 1 GROUP BY f.file HAVING kept <> sent`,
    ),
  ];
}
