// Batch rows, and the pages of manifests that still arrive. A change of state is written only if the row still has
// the expected state and attempt. The sums, the file's unsettled count and the lease change in the same
// transaction.
import type { BatchState } from "../../../src/contract/states.ts";
import type { ManifestEntry } from "../../../src/contract/parsing.ts";
import { all, first, jsonChunks, returned, type Sql } from "../../../src/platform/sql.ts";
import type { BatchPatch, BatchRow } from "./batch-row.ts";
import { COUNTED_ONLY, INHERITED_DELIVERED } from "./reasons.ts";
import { isSetAside, type SetAsideState } from "./states.ts";
import type { SendLeases } from "./send-leases.ts";
import { SETTLED } from "./states.ts";
import type { TotalsRow } from "./totals.ts";

/** A batch before and after its first claim. */
const UNCLAIMED = { state: "pending", attempt: 0 } as const;
const CLAIMED = { state: "leased", attempt: 1 } as const;

const IN_BACKLOG: ReadonlySet<BatchState> = new Set(["pending", "leased"]);

/** The earlier run delivered the batch, so it counts in `inherited_lines`. */
export function isDeliveredBefore(row: Pick<BatchRow, "state" | "reason_code">): boolean {
  return row.state === "discarded" && row.reason_code === INHERITED_DELIVERED;
}

export class BatchRows {
  readonly #sql: Sql;
  readonly #totals: TotalsRow;
  readonly #leases: SendLeases;
  readonly #unsettled = new Map<number, number>();

  constructor(sql: Sql, totals: TotalsRow, leases: SendLeases) {
    this.#sql = sql;
    this.#totals = totals;
    this.#leases = leases;
  }

  /** The row of this batch. Called for every send report. */
  get(batch: number): BatchRow | undefined {
    const row = first<BatchRow>(this.#sql, "SELECT * FROM batches WHERE batch = ?", batch);
    return row && this.#present(row);
  }

  /** Creates batches numbered from `firstBatch`, for a complete manifest. Batches of a dry run are settled from the
   * start, so no sender ever gets them. All other batches are sendable. The caller sets their file's counts. */
  insert(
    file: number,
    firstBatch: number,
    entries: ManifestEntry[],
    { now, isDry }: { now: number; isDry: boolean },
  ): void {
    const state = isDry ? "discarded" : "pending";
    for (const chunk of jsonChunks(entries)) {
      // One statement inserts many rows.
      this.#sql.exec(
        `INSERT INTO batches (batch, file, ordinal, state, lines, digest, raw_bytes, offset, length, first_ray, last_ray, queued_at,
           reason_code, member_digest)
         SELECT ? + (value ->> 'ordinal'), ?, value ->> 'ordinal', ?, value ->> 'lines', value ->> 'digest',
                value ->> 'rawBytes', value ->> 'offset', value ->> 'length', value ->> 'firstRayId', value ->> 'lastRayId', ?,
                ?, value ->> 'memberDigest'
         FROM json_each(?)`,
        firstBatch,
        file,
        state,
        now,
        isDry ? COUNTED_ONLY : null,
        chunk,
      );
    }
    this.#totals.add(`batches_${state}`, entries.length, file);
    for (const entry of entries) {
      this.#totals.add(`lines_${state}`, entry.lines, file);
      if (!isDry) this.#totals.add("backlog_bytes", entry.length, file);
    }
  }

  /** Inserts a part of a split batch, sendable from `retryAt` on. The digest of the part is made of the parent's
   * digest and the lines of the part. */
  insertPart(
    parent: BatchRow,
    batch: number,
    slice: { from: number; lines: number },
    now: number,
    retryAt = now,
  ): void {
    const member = parent.digest.split("[", 1)[0] ?? "";
    this.#sql.exec(
      `INSERT INTO batches (batch, file, ordinal, parent, slice_from, is_part, state, lines, digest, raw_bytes, offset,
         length, first_ray, last_ray, queued_at, retry_at, member_digest)
       VALUES (?, ?, ?, ?, ?, 1, 'pending', ?, ?, ?, ?, ?, '', '', ?, ?, ?)`,
      batch,
      parent.file,
      parent.ordinal,
      parent.batch,
      slice.from,
      slice.lines,
      `${member}[${slice.from},${slice.from + slice.lines})`,
      Math.round((parent.raw_bytes * slice.lines) / parent.lines),
      parent.offset,
      parent.length,
      now,
      retryAt,
      parent.member_digest,
    );
    this.#totals.add("batches_pending", 1, parent.file);
    this.#totals.add("lines_pending", slice.lines, parent.file);
    this.#totals.add("backlog_bytes", parent.length, parent.file);
    this.#unsettled.set(parent.file, (this.#unsettled.get(parent.file) ?? 0) + 1);
  }

  /** Records how many POSTs are planned for the batch `root` and all its parts. A limit bounds this number. */
  countSplitPosts(root: number, posts: number): void {
    this.#sql.exec("UPDATE batches SET split_posts = ? WHERE batch = ?", posts, root);
  }

  /** All parts of a split batch, over all halvings. Called for a late 2xx of the split batch, and for a recount. */
  partsOf(batch: number): BatchRow[] {
    const parts = all<BatchRow>(this.#sql, "SELECT * FROM batches WHERE parent = ? ORDER BY batch", batch);
    return parts.flatMap((part) => [part, ...(part.state === "split" ? this.partsOf(part.batch) : [])]);
  }

  /** Deletes the batches of an R2 object that was replaced before any of its batches was sent. */
  forget(firstBatch: number, count: number): void {
    for (const row of this.ofFile(firstBatch, count)) {
      this.#totals.add(`batches_${row.state}`, -1, row.file);
      this.#totals.add(`lines_${row.state}`, -row.lines, row.file);
      if (IN_BACKLOG.has(row.state)) this.#totals.add("backlog_bytes", -row.length, row.file);
      if (isDeliveredBefore(row)) this.#totals.add("inherited_lines", -row.lines, row.file);
    }
    this.#sql.exec("DELETE FROM batches WHERE batch >= ? AND batch < ?", firstBatch, firstBatch + count);
  }

  /** Moves the row from its state to `to`. False when its state or attempt has changed meanwhile; then nothing is
   * written. Only `lease` sets the state `leased`. When the row gets another state, its lease ends. A time column
   * is cleared when the row gets a state to which the time does not belong. */
  move(row: BatchRow, to: BatchState, patch: BatchPatch): boolean {
    // The stored row of a claimed batch is still the row from before the claim.
    const isClaimed = row.state === "leased" && this.#leases.isClaimed(row.batch);
    const stored = isClaimed ? UNCLAIMED : row;
    const { attempt } = row;
    const changes = Object.entries({
      ...timesOver(row, to),
      ...(isClaimed && { attempt }),
      ...patch,
      state: to,
    }).filter(([, value]) => value !== undefined);
    // Column names come only from the types above.
    const moved = returned(
      this.#sql,
      `UPDATE batches SET ${changes.map(([name]) => `${name} = ?`).join(", ")}
       WHERE batch = ? AND state = ? AND attempt = ? RETURNING batch`,
      ...changes.map(([, value]) => value),
      row.batch,
      stored.state,
      stored.attempt,
    );
    if (moved !== 1) return false;
    if (isClaimed) this.#leases.written(row.batch);
    this.#count(row, to, patch);
    if (row.state === "leased" && to !== "leased") this.#leases.end(row.batch);
    return true;
  }

  /** Leases the batch to a sender as attempt 1, without a change of its row. Only for a row that this transaction
   * has read as `pending` with attempt 0 and without `retry_at`. */
  claim(row: BatchRow, untilMs: number): void {
    this.#leases.claim(row.batch, untilMs);
    this.#count(row, "leased", {});
  }

  /** Writes the rows of the claimed batches of a range, for statements that read the state of stored rows. Called
   * before the batches of a file are held or discarded while senders have leases of some of them. */
  writeClaims(firstBatch: number, count: number): void {
    for (const batch of this.#leases.claimedIn(firstBatch, count)) {
      const { state, attempt } = CLAIMED;
      this.#sql.exec("UPDATE batches SET state = ?, attempt = ? WHERE batch = ?", state, attempt, batch);
      this.#leases.written(batch);
    }
  }

  /** The row as it is now. A first claim does not change the stored row, so a claimed row is returned as `leased`. */
  #present(row: BatchRow): BatchRow {
    return this.#leases.isClaimed(row.batch) ? { ...row, ...CLAIMED } : row;
  }

  /** Leases the batch to a sender as `attempt`. The same guard as in `move` applies. */
  lease(row: BatchRow, attempt: number, untilMs: number): boolean {
    if (!this.move(row, "leased", { attempt })) return false;
    this.#leases.set(row.batch, untilMs);
    return true;
  }

  /** Renews the lease of an open POST. False when the batch is not leased, or another attempt has the lease. */
  renew(batch: number, attempt: number, untilMs: number): boolean {
    const row = this.get(batch);
    if (row?.state !== "leased" || row.attempt !== attempt) return false;
    this.#leases.set(batch, untilMs);
    return true;
  }

  #count(row: BatchRow, to: BatchState, patch: BatchPatch): void {
    const { length = row.length, reason_code = row.reason_code } = patch;
    const isInherited = isDeliveredBefore({ state: to, reason_code });
    const inherited = (isInherited ? 1 : 0) - (isDeliveredBefore(row) ? 1 : 0);
    this.#totals.add("inherited_lines", inherited * row.lines, row.file);
    this.#totals.add(`batches_${row.state}`, -1, row.file);
    this.#totals.add(`batches_${to}`, 1, row.file);
    this.#totals.add(`lines_${row.state}`, -row.lines, row.file);
    this.#totals.add(`lines_${to}`, row.lines, row.file);
    if (IN_BACKLOG.has(row.state)) this.#totals.add("backlog_bytes", -row.length, row.file);
    if (IN_BACKLOG.has(to)) this.#totals.add("backlog_bytes", length, row.file);
    const delta = (SETTLED.has(row.state) ? 1 : 0) - (SETTLED.has(to) ? 1 : 0);
    if (delta !== 0) this.#unsettled.set(row.file, (this.#unsettled.get(row.file) ?? 0) + delta);
  }

  /** Counts batches that another statement has settled. */
  settled(file: number, batches: number): void {
    this.#unsettled.set(file, (this.#unsettled.get(file) ?? 0) - batches);
  }

  /** By how much the number of unsettled batches of each file has changed since the last call. The store writes
   * them in the same transaction. */
  takeUnsettled(): [file: number, delta: number][] {
    const changes = [...this.#unsettled].filter(([, delta]) => delta !== 0);
    this.#unsettled.clear();
    return changes;
  }

  /** Files with a leased batch. */
  leasedFiles(): number[] {
    return [...new Set(this.#leases.batches().flatMap((batch) => this.get(batch)?.file ?? []))];
  }

  /** Ends the leases of vanished senders and returns their batches. The caller moves these batches within the same
   * transaction. */
  takeExpired(now: number): BatchRow[] {
    return this.#leases.takeExpired(now).flatMap((batch) => {
      const row = this.get(batch);
      return row?.state === "leased" ? [row] : [];
    });
  }

  /** The first batches in this set-aside state. Called for the problems in the status. */
  setAside(state: SetAsideState, limit: number): BatchRow[] {
    return all<BatchRow>(
      this.#sql,
      "SELECT * FROM batches WHERE state = ? AND set_aside_at IS NOT NULL ORDER BY set_aside_at, batch LIMIT ?",
      state,
      limit,
    );
  }

  /** The batches in this range of numbers. Called for a file that is parsed again, and for a recount. */
  ofFile(firstBatch: number, count: number): BatchRow[] {
    return all<BatchRow>(
      this.#sql,
      "SELECT * FROM batches WHERE batch >= ? AND batch < ? ORDER BY batch",
      firstBatch,
      firstBatch + count,
    ).map((row) => this.#present(row));
  }

  /** The batches after the number `after`, in all states. Called for GET /runs/:id/batches. The caller selects the
   * states. */
  page(after: number, limit: number): BatchRow[] {
    return all<BatchRow>(
      this.#sql,
      "SELECT * FROM batches WHERE batch > ? ORDER BY batch LIMIT ?",
      after,
      limit,
    ).map((row) => this.#present(row));
  }
}

/** The times that are cleared when the row enters the state `to`. */
function timesOver(row: BatchRow, to: BatchState): BatchPatch {
  return {
    ...(row.retry_at !== null && to !== "pending" && { retry_at: null }),
    ...(row.set_aside_at !== null && !isSetAside(to) && { set_aside_at: null }),
  };
}
