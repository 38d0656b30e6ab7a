// The SQL about notices that wait until NOTIFY_CHANNELS names all of its channels. Such a notice has a pending row in
// `deliveries`, in which UNNAMED_CHANNELS is the channel. No message is sent for this row. Decides nothing.
import { all, first, type Sql } from "../../src/platform/sql.ts";

/** Contains a space, so no channel can have this name. */
export const UNNAMED_CHANNELS = "unnamed channels";

/** How many rows one call of `giveUp` changes at most. */
const GIVE_UP_LIMIT = 200;

export class UnnamedRows {
  readonly #sql: Sql;

  constructor(sql: Sql) {
    this.#sql = sql;
  }

  /** The notice waits until `endsAt` at most. */
  add(noticeId: string, endsAt: number, now: number): void {
    this.#sql.exec(
      `INSERT INTO deliveries (notice_id, channel, state, due_at, changed_at, outcome)
       VALUES (?, ?, 'pending', ?, ?, 'bad_channel')`,
      noticeId, UNNAMED_CHANNELS, endsAt, now,
    ); // prettier-ignore
  }

  some(): boolean {
    const found = first(
      this.#sql,
      "SELECT 1 FROM deliveries WHERE state = 'pending' AND channel = ? LIMIT 1",
      UNNAMED_CHANNELS,
    );
    return found !== undefined;
  }

  /** Creates a delivery to `channel` for each waiting notice of these types that has none. */
  addDeliveries(channel: string, types: readonly string[], now: number): void {
    this.#sql.exec(
      `INSERT INTO deliveries (notice_id, channel, state, due_at, changed_at)
       SELECT d.notice_id, ?, 'pending', ?, ? FROM deliveries d JOIN notices n USING (notice_id)
       WHERE d.state = 'pending' AND d.channel = ? AND n.type IN (SELECT value FROM json_each(?))
       ORDER BY d.delivery ON CONFLICT DO NOTHING`,
      channel, now, now, UNNAMED_CHANNELS, JSON.stringify(types),
    ); // prettier-ignore
  }

  /** No notice waits any longer. */
  remove(): void {
    this.#sql.exec("DELETE FROM deliveries WHERE state = 'pending' AND channel = ?", UNNAMED_CHANNELS);
  }

  /** Ends the rows whose time is over. Returns the ids of their notices. */
  giveUp(now: number): string[] {
    return all<{ notice_id: string }>(
      this.#sql,
      `UPDATE deliveries SET state = 'given_up', due_at = NULL, changed_at = ?, untold = 1
       WHERE delivery IN (SELECT delivery FROM deliveries
         WHERE state = 'pending' AND channel = ? AND due_at <= ? ORDER BY due_at LIMIT ?)
       RETURNING notice_id`,
      now, UNNAMED_CHANNELS, now, GIVE_UP_LIMIT,
    ).map(({ notice_id }) => notice_id); // prettier-ignore
  }
}
