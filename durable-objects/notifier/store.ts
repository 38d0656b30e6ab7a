// Contains the SQL statements of the Notifier, except those in unnamed-rows.ts. Decides nothing.
import type { Notice } from "../../src/contract/notices.ts";
import type {
  ChannelCount,
  CountedOutcome,
  DeliveryOutcome,
  DeliveryView,
} from "../../src/contract/notifications.ts";
import { all, first, migrate, returned, type Sql } from "../../src/platform/sql.ts";
import migration0001 from "./migrations/0001-notifications.sql";
import { UNNAMED_CHANNELS, UnnamedRows } from "./unnamed-rows.ts";

const MIGRATIONS = [{ name: "0001-notifications", sql: migration0001 }];

export type DeliveryState = DeliveryView["state"];

export interface PendingDelivery {
  delivery: number;
  noticeId: string;
  channel: string;
  attempts: number;
  dueAt: number;
  /** The outcome of the newest attempt. "lost" while an attempt has begun and has not ended. */
  outcome: DeliveryOutcome | null;
}
export interface ChannelState {
  opensAt: number;
  last: { at: number; noticeId: string; outcome: DeliveryOutcome; detail: string | null } | null;
}
export interface DeliveryChange {
  state: DeliveryState;
  attempts: number;
  dueAt: number | null;
  outcome: DeliveryOutcome | null;
  detail: string | null;
  /** True: the Notifier gave up, and has not reported this yet to the run or Coverage that wrote the notice. */
  untold: boolean;
}
export interface UnreportedDelivery {
  delivery: number;
  noticeId: string;
  /** Which run wrote the notice, or that Coverage did. The same text for all notices of one owner. */
  owner: string;
  channel: string;
}
export interface ShownDelivery extends DeliveryChange {
  noticeId: string;
  type: string;
  channel: string;
  at: number;
  changedAt: number;
}

/** How many pending deliveries of one channel an alarm reads at most. The limit is for each channel, so that a channel
 * that gets no messages does not keep those of other channels out. */
const PENDING_LIMIT = 100;
/** The id of a notice without the number of its event, such as "coverage.". */
const OWNER = "rtrim(notice_id, '0123456789')";
/** How many notices one call of `prune` deletes at most. */
const PRUNE_LIMIT = 200;

export class NotifierStore {
  readonly unnamed: UnnamedRows;
  readonly #sql: Sql;
  readonly #transact: <T>(work: () => T) => T;

  constructor(storage: DurableObjectStorage) {
    migrate(storage, MIGRATIONS);
    this.#sql = storage.sql;
    this.unnamed = new UnnamedRows(storage.sql);
    this.#transact = (work) => storage.transactionSync(work);
  }

  transaction<T>(work: () => T): T {
    return this.#transact(work);
  }

  /** Stores the notice. Returns false if it was stored before. */
  addNotice({ id, type, at }: Notice, json: string, now: number): boolean {
    return (
      returned(
        this.#sql,
        `INSERT INTO notices (notice_id, type, at, notice_json, accepted_at) VALUES (?, ?, ?, ?, ?)
         ON CONFLICT DO NOTHING RETURNING 1`,
        id, type, at, json, now,
      ) > 0
    ); // prettier-ignore
  }

  notice(id: string): Notice | null {
    const row = first<{ notice_json: string }>(
      this.#sql,
      "SELECT notice_json FROM notices WHERE notice_id = ?",
      id,
    );
    return row ? (JSON.parse(row.notice_json) as Notice) : null;
  }

  addDelivery(noticeId: string, channel: string, dueAt: number, now: number): void {
    this.#sql.exec(
      "INSERT INTO deliveries (notice_id, channel, state, due_at, changed_at) VALUES (?, ?, 'pending', ?, ?)",
      noticeId, channel, dueAt, now,
    ); // prettier-ignore
  }

  /** Stores the delivery of a test message, which is never pending. */
  addSettled(noticeId: string, channel: string, change: DeliveryChange, now: number): void {
    this.#sql.exec(
      `INSERT INTO deliveries (notice_id, channel, state, attempts, changed_at, outcome, detail)
       VALUES (?, ?, ?, ?, ?, ?, ?)`,
      noticeId, channel, change.state, change.attempts, now, change.outcome, change.detail,
    ); // prettier-ignore
  }

  changeDelivery(delivery: number, change: DeliveryChange, now: number): void {
    const { state, attempts, dueAt, outcome, detail, untold } = change;
    this.#sql.exec(
      `UPDATE deliveries SET state = ?, attempts = ?, due_at = ?, outcome = ?, detail = ?, untold = ?, changed_at = ?
       WHERE delivery = ?`,
      state, attempts, dueAt, outcome, detail, untold ? 1 : 0, now, delivery,
    ); // prettier-ignore
  }

  /** The first pending deliveries of each channel, sorted by `dueAt`. Without the notices that wait for the name of a
   * channel. No index begins with the channel, so this reads all pending rows. */
  pending(): PendingDelivery[] {
    return all<PendingRow>(
      this.#sql,
      `SELECT delivery, notice_id, channel, attempts, due_at, outcome FROM
         (SELECT *, row_number() OVER (PARTITION BY channel ORDER BY due_at, delivery) AS place FROM deliveries
          WHERE state = 'pending' AND channel <> ?)
       WHERE place <= ? ORDER BY due_at, delivery`,
      UNNAMED_CHANNELS,
      PENDING_LIMIT,
    ).map((row) => ({
      delivery: row.delivery,
      noticeId: row.notice_id,
      channel: row.channel,
      attempts: row.attempts,
      dueAt: row.due_at,
      outcome: row.outcome,
    }));
  }

  /** Null: the delivery is no longer pending. */
  pendingOne(delivery: number): { attempts: number } | null {
    return (
      first<{ attempts: number }>(
        this.#sql,
        "SELECT attempts FROM deliveries WHERE delivery = ? AND state = 'pending'",
        delivery,
      ) ?? null
    );
  }

  pendingByChannel(): ReadonlyMap<string, number> {
    const rows = all<{ channel: string; n: number }>(
      this.#sql,
      "SELECT channel, count(*) AS n FROM deliveries WHERE state = 'pending' GROUP BY channel",
    );
    return new Map(rows.map(({ channel, n }) => [channel, n]));
  }

  /** The deliveries that were given up and not reported yet to the run or Coverage that wrote the notice. Without those
   * of the owners in `without`. */
  unreported(without: readonly string[], limit: number): UnreportedDelivery[] {
    return all<{ delivery: number; notice_id: string; owner: string; channel: string }>(
      this.#sql,
      `SELECT delivery, notice_id, ${OWNER} AS owner, channel FROM deliveries
       WHERE untold = 1 AND ${OWNER} NOT IN (SELECT value FROM json_each(?)) ORDER BY delivery LIMIT ?`,
      JSON.stringify(without),
      limit,
    ).map(({ delivery, notice_id, owner, channel }) => ({ delivery, noticeId: notice_id, owner, channel }));
  }

  markReported(delivery: number): void {
    this.#sql.exec("UPDATE deliveries SET untold = 0 WHERE delivery = ?", delivery);
  }

  channel(name: string): ChannelState {
    const row = first<ChannelRow>(
      this.#sql,
      "SELECT opens_at, last_at, last_notice_id, last_outcome, last_detail FROM channels WHERE channel = ?",
      name,
    );
    if (!row) return { opensAt: 0, last: null };
    const { opens_at, last_at, last_notice_id, last_outcome, last_detail } = row;
    const isKnown = last_at !== null && last_notice_id !== null && last_outcome !== null;
    const last = { at: last_at ?? 0, noticeId: last_notice_id ?? "", outcome: last_outcome ?? "lost" };
    return { opensAt: opens_at, last: isKnown ? { ...last, detail: last_detail } : null };
  }

  saveChannel(name: string, { opensAt, last }: ChannelState): void {
    this.#sql.exec(
      `INSERT OR REPLACE INTO channels (channel, opens_at, last_at, last_notice_id, last_outcome, last_detail)
       VALUES (?, ?, ?, ?, ?, ?)`,
      name, opensAt, last?.at ?? null, last?.noticeId ?? null, last?.outcome ?? null, last?.detail ?? null,
    ); // prettier-ignore
  }

  count(channel: string, outcome: CountedOutcome): void {
    this.#sql.exec(
      `INSERT INTO counts (channel, outcome, count) VALUES (?, ?, 1)
       ON CONFLICT (channel, outcome) DO UPDATE SET count = count + 1`,
      channel, outcome,
    ); // prettier-ignore
  }

  counts(): ChannelCount[] {
    return all<{ channel: string; outcome: CountedOutcome; count: number }>(
      this.#sql,
      "SELECT channel, outcome, count FROM counts ORDER BY channel, outcome",
    );
  }

  /** The deliveries in `state`, newest first. With null: in every state. */
  shown(state: DeliveryState | null, limit: number): ShownDelivery[] {
    return all<ShownRow>(
      this.#sql,
      `SELECT d.notice_id, n.type, n.at, d.channel, d.state, d.attempts, d.due_at, d.changed_at, d.outcome, d.detail, d.untold
       FROM deliveries d JOIN notices n USING (notice_id) WHERE ? IN ('', d.state) ORDER BY d.delivery DESC LIMIT ?`,
      state ?? "",
      limit,
    ).map((row) => ({
      noticeId: row.notice_id,
      type: row.type,
      channel: row.channel,
      state: row.state,
      attempts: row.attempts,
      at: row.at,
      changedAt: row.changed_at,
      dueAt: row.due_at,
      outcome: row.outcome,
      detail: row.detail,
      untold: row.untold === 1,
    }));
  }

  /** Deletes notices that were accepted before this time, unless a delivery is pending, or the end of a delivery must
   * still be reported. */
  prune(acceptedBefore: number): void {
    const old = all<{ notice_id: string }>(
      this.#sql,
      `SELECT notice_id FROM notices n WHERE accepted_at < ?
         AND NOT EXISTS (SELECT 1 FROM deliveries d WHERE d.notice_id = n.notice_id AND (d.state = 'pending' OR d.untold = 1))
       ORDER BY accepted_at LIMIT ?`,
      acceptedBefore,
      PRUNE_LIMIT,
    );
    const ids = JSON.stringify(old.map(({ notice_id }) => notice_id));
    this.#sql.exec("DELETE FROM deliveries WHERE notice_id IN (SELECT value FROM json_each(?))", ids);
    this.#sql.exec("DELETE FROM notices WHERE notice_id IN (SELECT value FROM json_each(?))", ids);
  }
}

type PendingRow = {
  delivery: number;
  notice_id: string;
  channel: string;
  attempts: number;
  due_at: number;
  outcome: DeliveryOutcome | null;
};
type ChannelRow = {
  opens_at: number;
  last_at: number | null;
  last_notice_id: string | null;
  last_outcome: DeliveryOutcome | null;
  last_detail: string | null;
};
type ShownRow = {
  notice_id: string;
  type: string;
  at: number;
  channel: string;
  state: DeliveryState;
  attempts: number;
  due_at: number | null;
  changed_at: number;
  outcome: DeliveryOutcome | null;
  detail: string | null;
  untold: number;
};
