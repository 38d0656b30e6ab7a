// Runs the turns of the Coverage Durable Object outside of workerd. The store is in a real SQLite, and the bucket in
// memory. The time is passed in.
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import type {
  CoverageDetail,
  CoverageFilesView,
  CoverageRange,
  CoverageWindow,
} from "../../src/contract/coverage.ts";
import type { FakeBucket } from "../../bench/bucket/fake-bucket.ts";
import { listerOf } from "../../durable-objects/coverage/lister.ts";
import { hoursOf } from "../../durable-objects/coverage/rules/hours.ts";
import { CoverageStore } from "../../durable-objects/coverage/store.ts";
import { filesOf, windowOf } from "../../durable-objects/coverage/views/file-views.ts";
import { viewOf, type RangeView } from "../../durable-objects/coverage/views/range-view.ts";
import type { CoverageSettings, Tools } from "../../durable-objects/coverage/work/context.ts";
import { takeTurn } from "../../durable-objects/coverage/work/turn.ts";

const MIGRATIONS = join(import.meta.dirname, "../../durable-objects/coverage/migrations");
const SCHEMA = readdirSync(MIGRATIONS)
  .toSorted()
  .map((name) => ({ name, sql: readFileSync(join(MIGRATIONS, name), "utf8") }));

export const SETTINGS: CoverageSettings = {
  logPrefix: "logs/",
  livePrefix: "processed/",
  settleMs: 900_000,
  singleStampSpanMs: 300_000,
  lookbackMs: 3_600_000,
};

export function storageInMemory(): DurableObjectStorage {
  const db = new DatabaseSync(":memory:");
  const exec = (statement: string, ...values: (string | number | null)[]) => {
    if (values.length === 0 && /;\s*\S/.test(statement)) {
      db.exec(statement);
      return { toArray: () => [] };
    }
    const rows = db.prepare(statement).all(...values);
    return { toArray: () => rows };
  };
  const transactionSync = <T>(work: () => T): T => {
    db.exec("SAVEPOINT one");
    try {
      const result = work();
      db.exec("RELEASE one");
      return result;
    } catch (error) {
      db.exec("ROLLBACK TO one");
      db.exec("RELEASE one");
      throw error;
    }
  };
  return { sql: { exec }, transactionSync } as unknown as DurableObjectStorage;
}

export interface Turn {
  lists: number;
  ms: number;
}

export class CoverageUnderTest {
  readonly store: CoverageStore;
  readonly tools: Tools;
  readonly turns: Turn[] = [];
  readonly #storage: DurableObjectStorage;
  readonly #bucket: FakeBucket;

  constructor(
    bucket: FakeBucket,
    now: () => number,
    settings: Partial<CoverageSettings> = {},
    storage: DurableObjectStorage = storageInMemory(),
  ) {
    this.#storage = storage;
    this.#bucket = bucket;
    this.store = new CoverageStore(storage, SCHEMA);
    this.tools = {
      store: this.store,
      settings: { ...SETTINGS, ...settings },
      lister: listerOf(
        (options) => bucket.list(options),
        () => bucket.asked.length,
      ),
      now,
    };
  }

  /** Coverage after an eviction: only its stored rows are left. */
  evicted(): CoverageUnderTest {
    const { settings, now } = this.tools;
    return new CoverageUnderTest(this.#bucket, now, settings, this.#storage);
  }

  ask(range: CoverageRange, detail: CoverageDetail = "presence"): void {
    const hours = hoursOf(range);
    const [firstHour = 0, lastHour = 0] = [hours[0], hours.at(-1)];
    this.store.saveWantedRange({ firstHour, lastHour, detail, askedAt: this.tools.now() }, 0);
  }

  /** Runs turns until no work is left. */
  async work(most = 100_000): Promise<void> {
    for (let n = 0; n < most; n += 1) {
      const before = { lists: this.tools.lister.lists(), at: performance.now() };
      const next = await takeTurn(this.tools);
      this.turns.push({ lists: this.tools.lister.lists() - before.lists, ms: performance.now() - before.at });
      if (next === null) return;
    }
    throw new Error("the work does not end");
  }

  view(range: CoverageRange, detail: CoverageDetail = "presence", columns = false): RangeView {
    return viewOf(this.tools, range, detail, columns);
  }

  files(range: CoverageRange): CoverageFilesView {
    return filesOf(this.tools, range);
  }

  window(range: CoverageRange, after: string | null = null): CoverageWindow {
    return windowOf(this.tools, range, "presence", after);
  }

  async seen(range: CoverageRange, detail: CoverageDetail = "presence", columns = false): Promise<RangeView> {
    this.ask(range, detail);
    await this.work();
    return this.view(range, detail, columns);
  }
}
