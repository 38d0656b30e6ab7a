// A run's access to SQLite: its rows by kind, and the transaction that keeps rows and sums together.
// In this folder, the comment of a method names its callers, because they decide what its statement may cost.
import type { MalformedSample } from "../../../src/contract/file-counts.ts";
import type { BatchState, Json } from "../../../src/contract/states.ts";
import type { RunNotice } from "../../../src/contract/notices.ts";
import { Outbox } from "../../../src/outbox/outbox.ts";
import { all, first, migrate, type Sql } from "../../../src/platform/sql.ts";
import { AssumedRows } from "./assumed-rows.ts";
import { AttemptRows } from "./attempt-rows.ts";
import { BulkRows } from "./bulk-rows.ts";
import { BatchRows } from "./batch-rows.ts";
import type { BatchPatch, BatchRow } from "./batch-row.ts";
import { DuplicateRows } from "./duplicate-rows.ts";
import { EnqueueRows } from "./enqueue-rows.ts";
import { FileMap } from "./file-map.ts";
import { FileRows } from "./file-rows.ts";
import { InheritedRows } from "./inherited-rows.ts";
import { LiveRows } from "./live-rows.ts";
import { NO_FILE_REASON } from "./reasons.ts";
import { ListRows } from "./list-task-rows.ts";
import { MIGRATIONS } from "./migrations.ts";
import { NamedKeys } from "./named-keys.ts";
import newestSchema from "./newest-schema.sql";
import { PlannedRows } from "./planned-rows.ts";
import { RayRows } from "./ray-rows.ts";
import { RunRowStore } from "./run-row.ts";
import { SeriesRows } from "./series-rows.ts";
import { SendableRows } from "./sendable-rows.ts";
import { SendLeases } from "./send-leases.ts";
import { SenderCalls } from "./sender-calls.ts";
import { ReportRows } from "./evidence-rows.ts";
import { StagedRows } from "./staged-rows.ts";
import { StrandedRows } from "./stranded-rows.ts";
import { TotalsRow } from "./totals.ts";
import { WorkMeter } from "./work-meter.ts";
import { WaitingRows } from "./waiting-rows.ts";
import { MAX_SAMPLES, type EventRow, type RunEvent, type SampleRow, type UploadRow } from "./side-rows.ts";

export class RunStore {
  readonly #storage: DurableObjectStorage;
  readonly #sql: Sql;
  readonly meter = new WorkMeter();
  readonly totals: TotalsRow;
  readonly run: RunRowStore;
  readonly files: FileRows;
  readonly enqueueing: EnqueueRows;
  readonly leases: SendLeases;
  readonly calls: SenderCalls;
  readonly batches: BatchRows;
  readonly sendable: SendableRows;
  readonly attempts: AttemptRows;
  readonly assumed: AssumedRows;
  readonly stranded: StrandedRows;
  readonly inherited: InheritedRows;
  readonly waiting: WaitingRows;
  readonly bulk: BulkRows;
  readonly staged: StagedRows;
  readonly duplicates: DuplicateRows;
  readonly listing: ListRows;
  readonly named: NamedKeys;
  readonly reports: ReportRows;
  readonly planned: PlannedRows;
  readonly live: LiveRows;
  readonly rays: RayRows;
  readonly series: SeriesRows;
  readonly outbox: Outbox<RunNotice>;
  readonly map: FileMap;

  constructor(storage: DurableObjectStorage) {
    migrate(storage, MIGRATIONS, newestSchema);
    this.#storage = storage;
    const sql = this.meter.counted(storage.sql);
    this.#sql = sql;
    this.totals = new TotalsRow(sql, this.meter);
    this.meter.restore(this.totals.hot().work_json);
    this.run = new RunRowStore(sql);
    this.files = new FileRows(sql, this.totals);
    this.enqueueing = new EnqueueRows(sql);
    this.leases = new SendLeases(this.totals);
    this.calls = new SenderCalls(this.totals, this.leases);
    this.batches = new BatchRows(sql, this.totals, this.leases);
    this.sendable = new SendableRows(sql, this.leases);
    this.inherited = new InheritedRows(sql);
    this.waiting = new WaitingRows(sql);
    this.stranded = new StrandedRows(sql, this.totals, this.batches);
    this.bulk = new BulkRows(sql);
    this.assumed = new AssumedRows(sql, this.totals);
    this.staged = new StagedRows(sql);
    this.duplicates = new DuplicateRows(sql, this.totals);
    this.listing = new ListRows(sql);
    this.named = new NamedKeys(sql);
    this.reports = new ReportRows(sql);
    this.planned = new PlannedRows(sql);
    this.live = new LiveRows(sql);
    this.rays = new RayRows(sql);
    this.series = new SeriesRows(sql);
    this.outbox = new Outbox(sql);
    this.map = new FileMap(sql, this.totals);
    this.attempts = new AttemptRows(sql, this.totals);
  }

  /** Call before each change that a sender's call makes. */
  senderCalled(now: number): void {
    this.meter.senderCalled(this.leases.firstEnd() !== null, now);
  }

  /** Does all of `change` or none of it. Writes sums, leases and files' unsettled counts at the end of the
   * transaction. */
  transaction<T>(change: () => T): T {
    try {
      const outcome = this.#storage.transactionSync(() => {
        const result = change();
        this.settleFiles();
        this.leases.save();
        this.calls.save();
        this.files.progress.save();
        this.totals.flush();
        return result;
      });
      this.totals.committed();
      return outcome;
    } catch (error) {
      this.totals.discard();
      this.leases.discard();
      this.calls.discard();
      this.batches.takeUnsettled();
      this.files.takeAdvanced();
      this.files.progress.discard();
      throw error;
    }
  }

  /** Applies the changes of files that moves and claims of batches have collected. */
  settleFiles(): void {
    const deltas = new Map(this.batches.takeUnsettled());
    const advanced = new Map(this.files.takeAdvanced());
    for (const file of new Set([...deltas.keys(), ...advanced.keys()])) {
      const fresh = advanced.get(file);
      this.#settle(file, deltas.get(file) ?? 0, fresh === undefined ? null : { fresh });
    }
  }

  /** A file is closed exactly while it has no unsettled batch. */
  #settle(file: number, delta: number, advanced: { fresh: number | null } | null): void {
    const row = this.files.settle(file, delta, advanced);
    // A `waiting` file that has batches waits for the size of the live worker's batches.
    const mayClose = row.state === "open" || (row.state === "waiting" && row.first_batch !== null);
    if (mayClose && row.unsettled === 0)
      this.files.move(row, "closed", row.state === "open" ? {} : NO_FILE_REASON);
    else if (row.state === "closed" && row.unsettled > 0) this.files.move(row, "open");
  }

  moveBatch(row: BatchRow, to: BatchState, patch: BatchPatch = {}): boolean {
    return this.batches.move(row, to, patch);
  }

  /** Records a multipart upload. Called before the parser writes the upload's first part. */
  addUpload(uploadId: string, key: string): void {
    this.#sql.exec("INSERT OR IGNORE INTO uploads (upload_id, key) VALUES (?, ?)", uploadId, key);
  }

  /** The first uploads that cleanup must abort. */
  uploads(limit: number): UploadRow[] {
    return all<UploadRow>(this.#sql, "SELECT upload_id, key FROM uploads LIMIT ?", limit);
  }

  /** Deletes the row of an upload that cleanup has aborted. */
  forgetUpload(uploadId: string): void {
    this.#sql.exec("DELETE FROM uploads WHERE upload_id = ?", uploadId);
  }

  /** Stores malformed lines, until the run has enough samples. */
  addSamples(file: number, samples: MalformedSample[]): void {
    this.#sql.exec(
      `INSERT INTO samples (file, line, reason, bytes)
       SELECT ?, value ->> 'line', value ->> 'reason', value ->> 'bytes' FROM json_each(?)
       LIMIT max(0, ? - (SELECT count(*) FROM samples))`,
      file,
      JSON.stringify(samples.slice(0, MAX_SAMPLES)),
      MAX_SAMPLES,
    );
  }

  /** The stored malformed lines after the number `after`. Called for the status, and for GET /runs/:id/samples. */
  samples(after: number, limit: number): SampleRow[] {
    return all<SampleRow>(
      this.#sql,
      "SELECT sample, file, line, reason, bytes FROM samples WHERE sample > ? ORDER BY sample LIMIT ?",
      after,
      limit,
    );
  }

  /** Adds an event to the audit trail. Returns the number of the event. */
  addEvent(event: RunEvent): number {
    const row = first<{ event: number }>(
      this.#sql,
      "INSERT INTO events (at, actor, kind, detail_json) VALUES (?, ?, ?, ?) RETURNING event",
      event.at,
      event.actor,
      event.kind,
      JSON.stringify(event.detail),
    );
    if (!row) throw new Error("an event without a number");
    return row.event;
  }

  /** Who did this last, within the newest 1,000 events. Null: none of them is of this kind. Called for the notice
   * about an abort. */
  lastActor(kind: string): string | null {
    // Events have no index by kind, so the bound limits the rows that are read.
    const row = first<{ actor: string }>(
      this.#sql,
      `SELECT actor FROM events WHERE event > (SELECT max(event) FROM events) - 1000 AND kind = ?
       ORDER BY event DESC LIMIT 1`,
      kind,
    );
    return row?.actor ?? null;
  }

  /** The events after the number `after`. Called for GET /runs/:id/events, and for ?view=raw. */
  events(after: number, limit: number): (RunEvent & { event: number })[] {
    return all<EventRow>(
      this.#sql,
      "SELECT * FROM events WHERE event > ? ORDER BY event LIMIT ?",
      after,
      limit,
    ).map((row) => ({
      event: row.event,
      at: row.at,
      actor: row.actor,
      kind: row.kind,
      detail: JSON.parse(row.detail_json) as { [key: string]: Json },
    }));
  }
}
