// Starts a stack with data for the screenshots: six hours that a live worker delivered except for a hole, and three
// runs in different stages.
import { randomBytes } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ApiClient } from "../demo/api-client.ts";
import { DevProcess } from "../demo/dev-process.ts";
import { LIVE_BATCH_SIZE, makeLiveSample, type LiveTimes } from "../demo/live-sample.ts";
import { Receiver } from "../receiver/server.ts";
import { seedQueue } from "./seed-queue.ts";

const MINUTE_MS = 60_000;
const CELL_MS = 5 * MINUTE_MS;
const HOUR_MS = 60 * MINUTE_MS;
/** Each of the two runs replays a part of the hole, and some minutes before or after the hole. */
const HALF_MS = 20 * MINUTE_MS;
const DELIVERED_MS = 8 * MINUTE_MS;
const LIMIT_MS = 2 * MINUTE_MS;

/** The ids of the runs that the screenshots show. */
export interface Seed {
  delivered: string;
  /** A run that paused after its canary, so it needs a person. */
  paused: string;
  /** The id of a dry run. */
  counted: string;
  /** Five-minute cells in the hole. */
  hole: { start: string; end: string };
}

export interface SeededStack {
  url: string;
  token: string;
  seed: Seed;
}

/** `cleanUps` gets what must be stopped, in the order of the starts, also when this function throws. */
export async function startSeededStack(cleanUps: (() => Promise<unknown>)[]): Promise<SeededStack> {
  const dir = await mkdtemp(join(tmpdir(), "backfill-screenshots-"));
  cleanUps.push(() => rm(dir, { recursive: true, force: true, maxRetries: 5 }));
  const times = recentTimes(Date.now());
  const { logsDir } = await makeLiveSample(dir, times);
  const [uri, key, token] = [
    "/log/edge",
    randomBytes(16).toString("hex"),
    randomBytes(24).toString("base64url"),
  ];
  const receiver = await Receiver.start({ uri, key });
  cleanUps.push(() => receiver.stop());
  const dev = await DevProcess.start({
    stateDir: join(dir, "state"),
    logsDir,
    vars: {
      API_TOKEN: token,
      CTYUN_ENDPOINT: receiver.url,
      CTYUN_URI_EDGE: uri,
      CTYUN_PRIVATE_KEY: key,
      LIVE_BATCH_SIZE: String(LIVE_BATCH_SIZE),
      // The sample's files were only just written, so no settle time and no margin.
      COVERAGE_SETTLE_MINUTES: "0",
      LATE_MARGIN_MINUTES: "0",
    },
  });
  cleanUps.push(() => dev.stop());
  const seed = await seedRuns(new ApiClient(dev.url, token), times);
  await seedQueue({ url: dev.url, token }, times);
  return { url: dev.url, token, seed };
}

/** The last six hours that a run may already replay. */
function recentTimes(now: number): LiveTimes {
  const endMs = Math.floor(now / (5 * MINUTE_MS)) * 5 * MINUTE_MS - 30 * MINUTE_MS;
  const holeMs = endMs - 4 * HOUR_MS + 13 * MINUTE_MS;
  return { startMs: endMs - 6 * HOUR_MS, endMs, hole: { startMs: holeMs, endMs: holeMs + 47 * MINUTE_MS } };
}

async function seedRuns(api: ApiClient, { endMs, hole }: LiveTimes): Promise<Seed> {
  const within = (startMs: number, minutes: number) => ({
    start: iso(startMs),
    end: iso(startMs + minutes * MINUTE_MS),
  });
  const dry = await api.startRun({
    ...within(endMs - HOUR_MS, 30),
    dry_run: true,
    note: "before the replay",
  });
  await api.waitFor(dry.id, ({ stage_code }) => stage_code === "counted", LIMIT_MS);
  // Both runs also read files that the live worker delivered, which prove the size of the live worker's batches.
  const first = await api.startRun({
    start: iso(hole.startMs + HALF_MS),
    end: iso(hole.endMs + DELIVERED_MS),
    live: "skip_delivered",
    note: "partner outage",
  });
  await api.waitUntilDelivered(first.id, LIMIT_MS);
  const canary = await api.startRun({
    start: iso(hole.startMs - DELIVERED_MS),
    end: iso(hole.startMs + HALF_MS - 1_000),
    live: "skip_delivered",
    canary: 3,
    note: "three batches first",
  });
  await api.waitFor(canary.id, ({ stage_code }) => stage_code === "paused", LIMIT_MS);
  await api.coverage({ start: iso(endMs - 6 * HOUR_MS), end: iso(endMs) }, LIMIT_MS);
  const cell = Math.ceil(hole.startMs / CELL_MS) * CELL_MS;
  return {
    delivered: first.id,
    paused: canary.id,
    counted: dry.id,
    hole: { start: iso(cell), end: iso(cell + 3 * CELL_MS) },
  };
}

function iso(ms: number): string {
  return new Date(ms).toISOString().replace(".000Z", "Z");
}
