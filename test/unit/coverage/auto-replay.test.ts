// Watching for holes, look by look, with the time passed in: what is proposed and queued, and never twice.
import { beforeEach, describe, expect, it, vi } from "vitest";
import type { AutoReplayMode } from "../../../src/contract/auto-replay.ts";
import { isoSecond } from "../../../src/contract/run-id.ts";
import type { CoveringRun } from "../../../src/contract/registry.ts";
import type { QueueAnswer, QueueRequest } from "../../../src/contract/windows.ts";
import { readConfig } from "../../../src/platform/config.ts";
import { AutoReplay, LOOK_EVERY_MS } from "../../../durable-objects/coverage/auto/auto-replay.ts";
import { AutoRows } from "../../../durable-objects/coverage/auto/auto-rows.ts";
import { autoReplayView } from "../../../durable-objects/coverage/auto/auto-view.ts";
import type { AutoPorts } from "../../../durable-objects/coverage/auto/ports.ts";
import type { SizeJudgement } from "../../../durable-objects/coverage/auto/proof.ts";
import { takeTurn } from "../../../durable-objects/coverage/work/turn.ts";
import { fakeBucket, sortedOf, type Sorted } from "../../../bench/bucket/fake-bucket.ts";
import { CELL, DAY, HOUR, delivered, objectsOf, type SeededFile } from "../../support/coverage-bucket.ts";
import { CoverageUnderTest, storageInMemory } from "../../support/coverage-driver.ts";

const DAY_START = Date.parse("2026-04-22T00:00:00Z");
const HOLE = DAY_START + 10 * HOUR;
const PROVEN: SizeJudgement = { run: "proving-run", batchSize: 1_000, files: 9, doubt: null };
const SECRETS = { CTYUN_ENDPOINT: "https://p.example", CTYUN_URI_EDGE: "/log", CTYUN_PRIVATE_KEY: "key" };

let now = 0;
let files: SeededFile[] = [];
let runs: CoveringRun[] = [];
let judgements: SizeJudgement[] = [];
let requests: { request: QueueRequest; key: string }[] = [];
let answer: (request: QueueRequest) => QueueAnswer = queued;

beforeEach(() => {
  now = HOLE + 3 * HOUR;
  files = bucket(6);
  runs = [];
  judgements = [PROVEN];
  requests = [];
  answer = queued;
});

/** Two days of files, one a cell. The `cells` from HOLE on have no marker. */
function bucket(cells: number, change: (file: SeededFile, n: number) => SeededFile = (file) => file): SeededFile[] {
  return delivered(DAY_START - 6 * HOUR, 24 * 12).map((file) => {
    const n = (file.startMs - HOLE) / CELL;
    return change(n >= 0 && n < cells ? { ...file, done: [] } : file, n);
  });
}

let sorted: { of: readonly SeededFile[]; at: number; rooms: Sorted[] } | null = null;
/** Files that ended before now. Sorted once for each time, because that takes most of a test. */
function present(): Sorted[] {
  if (sorted?.of !== files || sorted.at !== now) {
    const rooms = [sortedOf(objectsOf(files.filter(({ endMs = 0 }) => endMs < now)))];
    sorted = { of: files, at: now, rooms };
  }
  return sorted.rooms;
}

function queued(request: QueueRequest): QueueAnswer {
  const [asked] = request.windows;
  if (asked?.kind !== "window") throw new Error("no window");
  const text = { start: isoSecond(asked.startMs), end: isoSecond(asked.endMs), end_exclusive: true };
  const queue = { paused: null, queued: 1, running: 0, holder: null, waits_for: null, reserved: [] };
  const outcome = { index: 0, outcome: "queued" as const, id: requests.length, state: "queued" as const, ...text };
  return { ok: true, replayed: false, outcomes: [outcome], queue };
}

class Watch {
  readonly storage = storageInMemory();
  readonly rows = new AutoRows(this.storage.sql);
  coverage = new CoverageUnderTest(
    fakeBucket(present),
    () => now,
    {},
    this.storage,
  );
  readonly log = vi.fn();
  readonly ports: AutoPorts = {
    covering: async () => runs,
    judgements: async () => judgements,
    queue: async (_config, request, { key }) => {
      requests.push({ request, key });
      return answer(request);
    },
  };
  auto = new AutoReplay(this.rows, this.ports, this.log);
  vars: Record<string, string>;

  constructor(mode: AutoReplayMode, vars: Record<string, string> = {}) {
    this.vars = { AUTO_REPLAY: mode, LIVE_BATCH_SIZE: "1000", BACKFILL_ENABLED: "true", ...SECRETS, ...vars };
  }

  get config() {
    return readConfig(this.vars);
  }

  /** Turns until nothing is due now, as the object's alarm makes them. */
  async look(): Promise<number | null> {
    for (let turns = 0; turns < 200; turns += 1) {
      this.auto.begin(this.coverage.tools, this.config);
      const next = await takeTurn(this.coverage.tools);
      const due = await this.auto.finish(this.coverage.tools, this.config);
      if (next === null && (due === null || due > now)) return due;
    }
    throw new Error("the look does not end");
  }

  async lookAgain(afterMs = LOOK_EVERY_MS): Promise<void> {
    now += afterMs;
    await this.look();
  }

  /** Without the object's memory. */
  evict(): void {
    this.coverage = this.coverage.evicted();
    this.auto = new AutoReplay(this.rows, this.ports, this.log);
  }

  get view() {
    return autoReplayView(this.rows, this.auto, this.config, now);
  }

  /** State, start and end in cells from HOLE. */
  get shown(): [string, number, number][] {
    const cells = (text: string): number => (Date.parse(text) - HOLE) / CELL;
    return this.view.proposals.toReversed().map(({ state, start, end }) => [state, cells(start), cells(end)]);
  }
}

function run(over: Partial<CoveringRun>): CoveringRun {
  return { runId: "r", startMs: HOLE, endMs: HOLE + HOUR, stage: "sending", delivered: false, sends: true, ...over };
}

describe("mode propose", () => {
  it("records and logs a hole once, and queues nothing", async () => {
    const watch = new Watch("propose");
    expect(await watch.look()).toBe(now + LOOK_EVERY_MS);
    for (let n = 0; n < 3; n += 1) await watch.lookAgain();
    expect(watch.shown).toEqual([["proposed", 0, 6]]);
    expect(watch.view.proposals[0]).toMatchObject({ files: 6, window: null });
    expect(watch.view.events.map(({ kind, actor }) => [kind, actor])).toEqual([["proposed", "system:auto-replay"]]);
    expect(watch.log.mock.calls.map(([, event]) => event)).toEqual(["auto_replay.proposed"]);
    expect(requests).toEqual([]);
  });

  it("records only the new part when the hole grows", async () => {
    now = HOLE + 4 * CELL + HOUR;
    files = bucket(9);
    const watch = new Watch("propose");
    await watch.look();
    expect(watch.shown).toEqual([["proposed", 0, 4]]);
    await watch.lookAgain();
    await watch.lookAgain();
    await watch.lookAgain(HOUR);
    expect(watch.shown).toEqual([
      ["proposed", 0, 4],
      ["proposed", 4, 5],
      ["proposed", 5, 6],
      ["proposed", 6, 9],
    ]);
  });

  it("leaves out a cell in which a live batch waits, until it does not", async () => {
    const waiting = (file: SeededFile, n: number) => (n === 2 ? { ...file, done: [0], waiting: [1] } : file);
    files = bucket(6, waiting);
    const watch = new Watch("propose");
    await watch.look();
    expect(watch.shown).toEqual([
      ["proposed", 0, 2],
      ["proposed", 3, 6],
    ]);
    files = bucket(6);
    await watch.lookAgain();
    expect(watch.shown.at(-1)).toEqual(["proposed", 2, 3]);
  });

  it("closes a window that is delivered meanwhile, or that a run replays", async () => {
    const watch = new Watch("propose");
    await watch.look();
    files = bucket(0);
    await watch.lookAgain();
    expect(watch.shown).toEqual([["closed", 0, 6]]);
    files = bucket(6);
    await watch.lookAgain();
    expect(watch.shown).toEqual([["proposed", 0, 6]]);
    runs = [run({})];
    await watch.lookAgain();
    expect(watch.shown).toEqual([["closed", 0, 6]]);
    expect(watch.view.events).toHaveLength(1);
  });

  it("proposes nothing that a run replays, and what an aborted run left", async () => {
    runs = [run({ endMs: HOLE + 2 * CELL }), run({ startMs: HOLE + 4 * CELL, sends: false })];
    const watch = new Watch("propose");
    await watch.look();
    expect(watch.shown).toEqual([["proposed", 2, 6]]);
  });

  it("does nothing while the registry does not answer, and says so", async () => {
    const watch = new Watch("propose");
    watch.ports.covering = () => Promise.reject(new Error("away"));
    await watch.look();
    expect(watch.shown).toEqual([]);
    expect(watch.view.waits_for).toMatchObject({ code: "registry_unreachable" });
    watch.ports.covering = async () => [];
    await watch.lookAgain();
    expect(watch.shown).toEqual([["proposed", 0, 6]]);
    expect(watch.view.waits_for).toBeNull();
  });
});

describe("mode off", () => {
  it("looks at nothing", async () => {
    const watch = new Watch("off");
    expect(await watch.look()).toBeNull();
    expect(watch.shown).toEqual([]);
    expect(watch.coverage.tools.lister.lists()).toBe(0);
  });
});

describe("mode queue", () => {
  it("queues a hole once, under its own cap, and leaves out what was delivered", async () => {
    const watch = new Watch("queue");
    await watch.look();
    for (let n = 0; n < 3; n += 1) await watch.lookAgain();
    expect(watch.shown).toEqual([["queued", 0, 6]]);
    expect(requests).toHaveLength(1);
    expect(requests[0]?.request).toMatchObject({
      actor: "system:auto-replay",
      skipSent: true,
      windows: [{ kind: "window", startMs: HOLE, endMs: HOLE + 6 * CELL, endExclusive: true }],
      wanted: { maxLinesPerSecond: 10_000, live: { batchSize: 1_000, waiting: "hold" } },
    });
    expect(watch.view).toMatchObject({ proven_by: "proving-run", waits_for: null });
    expect(watch.view.events.map(({ kind }) => kind)).toEqual(["queued", "proposed"]);
  });

  it("queues only the new part when the hole grows", async () => {
    now = HOLE + 4 * CELL + HOUR;
    files = bucket(6);
    const watch = new Watch("queue");
    await watch.look();
    await watch.lookAgain(HOUR);
    const windows = requests.flatMap(({ request }) => request.windows);
    expect(windows).toMatchObject([
      { startMs: HOLE, endMs: HOLE + 4 * CELL },
      { startMs: HOLE + 4 * CELL, endMs: HOLE + 6 * CELL },
    ]);
  });

  it.each<[string, Record<string, string>, SizeJudgement[], string]>([
    ["the size of live batches is not set", { LIVE_BATCH_SIZE: "" }, [PROVEN], "live_batch_size_needed"],
    ["no run proves the size", {}, [], "live_batch_size_unproven"],
    ["a run contradicts the size", {}, [{ ...PROVEN, doubt: "contradicted" }, PROVEN], "live_batch_size_unproven"],
    ["the kill switch is off", { BACKFILL_ENABLED: "false" }, [PROVEN], "disabled"],
    ["no receiver is set", { CTYUN_PRIVATE_KEY: "" }, [PROVEN], "receiver_not_configured"],
  ])("only proposes while %s", async (_name, vars, known, code) => {
    const watch = new Watch("queue", vars);
    judgements = known;
    await watch.look();
    expect(requests).toEqual([]);
    expect(watch.shown).toEqual([["proposed", 0, 6]]);
    expect(watch.view.waits_for).toMatchObject({ code });
    judgements = [PROVEN];
    watch.vars = { ...watch.vars, LIVE_BATCH_SIZE: "1000", BACKFILL_ENABLED: "true", ...SECRETS };
    await watch.lookAgain();
    expect(watch.shown).toEqual([["queued", 0, 6]]);
    expect(watch.view.waits_for).toBeNull();
  });

  it("repeats the request with the same key after a lost answer and an eviction", async () => {
    const watch = new Watch("queue");
    answer = () => {
      throw new Error("the answer is lost");
    };
    await watch.look();
    expect(watch.shown).toEqual([["queueing", 0, 6]]);
    expect(watch.view.waits_for).toMatchObject({ code: "registry_unreachable" });
    watch.evict();
    answer = queued;
    await watch.lookAgain();
    expect(watch.shown).toEqual([["queued", 0, 6]]);
    expect(requests.map(({ key }) => key)).toEqual([requests[0]?.key, requests[0]?.key]);
  });

  it("waits while the queue is full", async () => {
    const watch = new Watch("queue");
    answer = () => ({ ok: false, code: "queue_full", detail: "10,000 windows wait" });
    await watch.look();
    expect([watch.shown, watch.view.waits_for?.code]).toEqual([[["queueing", 0, 6]], "queue_full"]);
    answer = queued;
    await watch.lookAgain();
    expect(watch.shown).toEqual([["queued", 0, 6]]);
  });

  it("queues the part of a proposed window that is still a hole", async () => {
    const watch = new Watch("queue");
    judgements = [];
    await watch.look();
    judgements = [PROVEN];
    const waiting = (file: SeededFile, n: number) => (n === 0 ? { ...file, done: [0], waiting: [1] } : file);
    files = bucket(6, waiting);
    await watch.lookAgain();
    expect(watch.shown).toEqual([
      ["taken_up", 0, 6],
      ["queued", 1, 6],
    ]);
  });

  it.each<[string, (request: QueueRequest) => object, string, number | null]>([
    ["another window takes it in", () => ({ outcome: "coalesced", into: 7 }), "coalesced", 7],
    ["the queue holds it", () => ({ outcome: "duplicate", of: { window: 8 } }), "duplicate", 8],
    ["a run sent it", () => ({ outcome: "duplicate", of: { run: "r" } }), "duplicate", null],
    ["an operator must decide", () => ({ outcome: "queued", id: 9, state: "blocked", overlaps: [] }), "blocked", 9],
    ["the queue refuses it", () => ({ outcome: "dropped", reason: "invalid", detail: "x", errors: [] }), "refused", null],
  ])("asks no second time when %s", async (_name, outcome, state, window) => {
    const watch = new Watch("queue");
    answer = (request) => {
      const known = queued(request);
      return known.ok ? { ...known, outcomes: [{ index: 0, ...outcome(request) } as never] } : known;
    };
    await watch.look();
    await watch.lookAgain();
    expect(watch.view.proposals).toMatchObject([{ state, window }]);
    expect(requests).toHaveLength(1);
  });
});

describe("the switch", () => {
  const by = { actor: "unverified:li.wei", note: "partner asks" };

  it("changes the mode at run time, with an event, and looks at once", async () => {
    const watch = new Watch("off");
    watch.auto.switchTo("propose", by, watch.config, now);
    await watch.look();
    expect(watch.shown).toEqual([["proposed", 0, 6]]);
    expect(watch.view).toMatchObject({ mode: "propose", deployed: "off", switched: by });
    expect(watch.view.events.at(-1)).toMatchObject({ kind: "switched", actor: by.actor, detail: { from: "off", to: "propose" } }); // prettier-ignore
    watch.auto.switchTo("queue", by, watch.config, now);
    await watch.look();
    expect(watch.shown).toEqual([["queued", 0, 6]]);
    watch.auto.switchTo("off", by, watch.config, now);
    expect(await watch.look()).toBeNull();
  });

  it("survives an eviction, and ends with a deployment that changes the var", () => {
    const watch = new Watch("off");
    watch.auto.switchTo("queue", by, watch.config, now);
    watch.evict();
    expect(watch.auto.modeOf(watch.config)).toBe("queue");
    watch.vars = { ...watch.vars, AUTO_REPLAY: "propose" };
    expect(watch.auto.modeOf(watch.config)).toBe("propose");
    expect(watch.view.switched).toBeNull();
  });
});

describe("a look", () => {
  it("is made every five minutes, also after the clock was set back", async () => {
    const watch = new Watch("propose");
    await watch.look();
    const first = watch.view.looked_at;
    now += LOOK_EVERY_MS - 1;
    await watch.look();
    expect(watch.view.looked_at).toBe(first);
    now -= HOUR;
    await watch.look();
    expect(watch.view.looked_at).toBe(new Date(now).toISOString());
  });

  it("takes few lists for a day", async () => {
    const watch = new Watch("propose");
    await watch.look();
    const before = watch.coverage.tools.lister.lists();
    await watch.lookAgain();
    expect(watch.coverage.tools.lister.lists() - before).toBeLessThan(25);
  });

  it("forgets windows after a month", async () => {
    const watch = new Watch("propose");
    await watch.look();
    now += 31 * DAY;
    await watch.look();
    expect(watch.shown).toEqual([]);
  });
});
