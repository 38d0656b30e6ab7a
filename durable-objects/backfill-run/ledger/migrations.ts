// The migrations of a run's database.
import type { Migration } from "../../../src/platform/sql.ts";
import migration0001 from "../migrations/0001-run.sql";
import migration0002 from "../migrations/0002-send-leases.sql";
import migration0003 from "../migrations/0003-bulk-commands.sql";
import migration0004 from "../migrations/0004-limits-and-answers.sql";
import migration0005 from "../migrations/0005-failing-files.sql";
import migration0006 from "../migrations/0006-answers.sql";
import migration0007 from "../migrations/0007-inherited-and-matched.sql";
import migration0008 from "../migrations/0008-listing-tasks.sql";
import migration0009 from "../migrations/0009-reports.sql";
import migration0010 from "../migrations/0010-member-digest.sql";
import migration0011 from "../migrations/0011-suspects.sql";
import migration0012 from "../migrations/0012-named-times.sql";
import migration0013 from "../migrations/0013-delivered-live.sql";
import migration0014 from "../migrations/0014-times-enqueued.sql";
import migration0015 from "../migrations/0015-slot-and-answer-kind.sql";
import migration0016 from "../migrations/0016-plans.sql";
import migration0017 from "../migrations/0017-covered-minutes.sql";
import migration0018 from "../migrations/0018-skip-delivered-live.sql";
import migration0019 from "../migrations/0019-discarded-canaries.sql";
import migration0020 from "../migrations/0020-file-ranges.sql";
import migration0021 from "../migrations/0021-series.sql";
import migration0022 from "../migrations/0022-work.sql";
import migration0023 from "../migrations/0023-outbox.sql";
import migration0024 from "../migrations/0024-first-claims.sql";
import migration0025 from "../migrations/0025-deduped-attempts.sql";
import migration0026 from "../migrations/0026-file-progress.sql";
import migration0027 from "../migrations/0027-sender-calls.sql";
import migration0028 from "../migrations/0028-left-out.sql";

/** The migrations in order. A migration that was deployed is never edited. A change is a new migration at the end. */
export const MIGRATIONS: readonly Migration[] = [
  { name: "0001-run", sql: migration0001 },
  { name: "0002-send-leases", sql: migration0002 },
  { name: "0003-bulk-commands", sql: migration0003 },
  { name: "0004-limits-and-answers", sql: migration0004 },
  { name: "0005-failing-files", sql: migration0005 },
  { name: "0006-answers", sql: migration0006 },
  { name: "0007-inherited-and-matched", sql: migration0007 },
  { name: "0008-listing-tasks", sql: migration0008 },
  { name: "0009-reports", sql: migration0009 },
  { name: "0010-member-digest", sql: migration0010 },
  { name: "0011-suspects", sql: migration0011 },
  { name: "0012-named-times", sql: migration0012 },
  { name: "0013-delivered-live", sql: migration0013 },
  { name: "0014-times-enqueued", sql: migration0014 },
  { name: "0015-slot-and-answer-kind", sql: migration0015 },
  { name: "0016-plans", sql: migration0016 },
  { name: "0017-covered-minutes", sql: migration0017 },
  { name: "0018-skip-delivered-live", sql: migration0018 },
  { name: "0019-discarded-canaries", sql: migration0019 },
  { name: "0020-file-ranges", sql: migration0020 },
  { name: "0021-series", sql: migration0021 },
  { name: "0022-work", sql: migration0022 },
  { name: "0023-outbox", sql: migration0023 },
  { name: "0024-first-claims", sql: migration0024 },
  { name: "0025-deduped-attempts", sql: migration0025 },
  { name: "0026-file-progress", sql: migration0026 },
  { name: "0027-sender-calls", sql: migration0027 },
  { name: "0028-left-out", sql: migration0028 },
];
