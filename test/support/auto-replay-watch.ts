// Runs the watch for holes, with the time as an argument, over a bucket with a hole and a window queue. Makes the
// checks that Coverage makes.
import { vi } from "vitest";
import type { AutoReplayMode } from "../../src/contract/auto-replay.ts";
import { isoSecond } from "../../src/contract/run-id.ts";
import type { CoveringRun } from "../../src/contract/registry.ts";
import type { QueueAnswer, QueueRequest, WindowOutcome } from "../../src/contract/windows.ts";
import { readConfig } from "../../src/platform/config.ts";
import { AutoReplay, CHECK_EVERY_MS } from "../../durable-objects/coverage/auto/auto-replay.ts";
import { CoverageNotices } from "../../durable-objects/coverage/auto/coverage-notices.ts";
import type { CoverageNotice } from "../../src/contract/notices.ts";
import { Outbox } from "../../src/outbox/outbox.ts";
import { AutoRows } from "../../durable-objects/coverage/auto/auto-rows.ts";
import { autoReplayView } from "../../durable-objects/coverage/auto/auto-view.ts";
import type { AutoPorts } from "../../durable-objects/coverage/auto/ports.ts";
import type { SizeJudgement } from "../../durable-objects/coverage/auto/proof.ts";
import { takeTurn } from "../../durable-objects/coverage/work/turn.ts";
import { fakeBucket, sortedOf, type Sorted } from "../../bench/bucket/fake-bucket.ts";
import { CELL, HOUR, delivered, objectsOf, type SeededFile } from "./coverage-bucket.ts";
import { CoverageUnderTest, storageInMemory } from "./coverage-driver.ts";

const DAY_START = Date.parse("2026-04-22T00:00:00Z");
export const HOLE = DAY_START + 10 * HOUR;
export const PROVEN: SizeJudgement = { run: "proving-run", batchSize: 1_000, files: 9, doubt: null };
export const SECRETS = {
  CTYUN_ENDPOINT: "https://p.example",
  CTYUN_URI_EDGE: "/log",
  CTYUN_PRIVATE_KEY: "key",
};

/** What the tests of a file share. Each test begins anew. */
export const world = {
  now: 0,
  files: [] as SeededFile[],
  runs: [] as CoveringRun[],
  judgements: [] as SizeJudgement[],
  requests: [] as { request: QueueRequest; key: string }[],
  /** The outcomes that the queue has stored, by the key of the request. */
  outcomes: new Map<string, WindowOutcome>(),
  answer: queued,
};

export function beginAnew(): void {
  world.now = HOLE + 3 * HOUR;
  world.files = bucket(6);
  world.runs = [];
  world.judgements = [PROVEN];
  world.requests = [];
  world.outcomes.clear();
  world.answer = queued;
}

/** Makes two days of files, one file in each cell. The first `cells` cells from HOLE on have no marker. */
export function bucket(
  cells: number,
  change: (file: SeededFile, n: number) => SeededFile = (file) => file,
): SeededFile[] {
  return delivered(DAY_START - 6 * HOUR, 24 * 12).map((file) => {
    const n = (file.startMs - HOLE) / CELL;
    return change(n >= 0 && n < cells ? { ...file, done: [] } : file, n);
  });
}

let sorted: { of: readonly SeededFile[]; at: number; rooms: Sorted[] } | null = null;
/** Files that ended before now. Sorted once for each time, because that takes most of a test. */
function present(): Sorted[] {
  if (sorted?.of !== world.files || sorted.at !== world.now) {
    const rooms = [sortedOf(objectsOf(world.files.filter(({ endMs = 0 }) => endMs < world.now)))];
    sorted = { of: world.files, at: world.now, rooms };
  }
  return sorted.rooms;
}

export function queued(request: QueueRequest): QueueAnswer {
  const [asked] = request.windows;
  if (asked?.kind !== "window") throw new Error("no window");
  const text = { start: isoSecond(asked.startMs), end: isoSecond(asked.endMs), end_exclusive: true };
  const queue = {
    paused: null,
    queued: 1,
    running: 0,
    holder: null,
    waits_for: null,
    hindrance: null,
    reserved: [],
  };
  const outcome = {
    index: 0,
    outcome: "queued" as const,
    id: world.requests.length,
    state: "queued" as const,
    ...text,
  };
  return { ok: true, replayed: false, outcomes: [outcome], queue };
}

/** How many cells lie between HOLE and the instant. */
function cellsTo(text: string): number {
  return (Date.parse(text) - HOLE) / CELL;
}

export class Watch {
  readonly storage = storageInMemory();
  readonly rows = new AutoRows(this.storage.sql);
  coverage = new CoverageUnderTest(fakeBucket(present), () => world.now, {}, this.storage);
  readonly log = vi.fn();
  readonly ports: AutoPorts = {
    covering: async () => world.runs,
    judgements: async () => world.judgements,
    recall: async (_config, { key }) => world.outcomes.get(key) ?? null,
    queue: async (_config, request, { key }) => {
      world.requests.push({ request, key });
      const answer = world.answer(request);
      if (answer.ok && answer.outcomes[0]) world.outcomes.set(key, answer.outcomes[0]);
      return answer;
    },
  };
  readonly told: CoverageNotice[] = [];
  readonly notices = new CoverageNotices(
    new Outbox(this.storage.sql),
    this.rows,
    { notify: async (notice) => this.notify(notice) },
    this.log,
  );
  auto = new AutoReplay(this.rows, this.ports, this.notices, this.log);
  vars: Record<string, string>;

  constructor(mode: AutoReplayMode, vars: Record<string, string> = {}) {
    this.vars = { AUTO_REPLAY: mode, LIVE_BATCH_SIZE: "1000", BACKFILL_ENABLED: "true", ...SECRETS, ...vars };
  }

  /** The Notifier. */
  notify(notice: CoverageNotice): void {
    this.told.push(notice);
  }

  get config() {
    return readConfig(this.vars);
  }

  /** Makes turns like the alarm of Coverage, until nothing is due now. */
  async look(): Promise<number | null> {
    for (let turns = 0; turns < 200; turns += 1) {
      this.auto.begin(this.coverage.tools, this.config);
      const next = await takeTurn(this.coverage.tools);
      const due = await this.auto.finish(this.coverage.tools, this.config);
      if (next === null && (due === null || due > world.now)) return due;
    }
    throw new Error("the look does not end");
  }

  async lookAgain(afterMs = CHECK_EVERY_MS): Promise<void> {
    world.now += afterMs;
    await this.look();
  }

  /** Replaces the watch by a new one over the same rows, as after an eviction. */
  evict(): void {
    this.coverage = this.coverage.evicted();
    this.auto = new AutoReplay(this.rows, this.ports, this.notices, this.log);
  }

  get view() {
    return autoReplayView(this.rows, this.auto, this.config, world.now);
  }

  /** State, start and end in cells from HOLE. */
  get shown(): [string, number, number][] {
    return this.view.proposals
      .toReversed()
      .map(({ state, start, end }) => [state, cellsTo(start), cellsTo(end)]);
  }
}

export function run(over: Partial<CoveringRun>): CoveringRun {
  return {
    runId: "r",
    startMs: HOLE,
    endMs: HOLE + HOUR,
    stage: "sending",
    delivered: false,
    dryRun: false,
    sends: true,
    ...over,
  };
}
