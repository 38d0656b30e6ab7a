// Measures coverage of seven days with 70,000 raw files and 3,500,000 markers: the list operations, the turns, and
// how long GET /coverage takes while Coverage lists the bucket. Uses the real Durable Object and a bucket in memory.
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { startRuntime } from "../local/dev/runtime.ts";
import { workerParts } from "../local/dev/worker-parts.ts";
import type { CoverageView } from "../src/contract/coverage.ts";
import { isoSecond } from "../src/contract/run-id.ts";
import { figure, type Section } from "./report.ts";
import { BENCH_VARS, wholeConfig } from "./worker-config.ts";
import type { Counted } from "./worker/coverage.ts";
import { DAY_MS } from "../src/contract/time-units.ts";

const START_MS = Date.parse("2026-04-20T00:00:00Z");
const DAYS = 7;
const BATCHES_PER_FILE = 50;
/** Each list operation takes this many ms longer, like one of a remote bucket. */
const ADDED_MS = 20;
const ASK_EVERY_MS = 100;
const PLANS = 5;

export async function coverageSection(files: number): Promise<Section> {
  const dir = await mkdtemp(join(tmpdir(), "backfill-bench-"));
  try {
    const stateDir = join(dir, "state");
    await mkdir(stateDir);
    const configPath = await wholeConfig(dir, "coverage.ts");
    const runtime = await startRuntime({
      parts: await workerParts(configPath),
      port: 0,
      stateDir,
      vars: BENCH_VARS,
    });
    try {
      return await measure(runtime.url, files);
    } finally {
      await runtime.stop();
    }
  } finally {
    await rm(dir, { recursive: true, force: true, maxRetries: 5 });
  }
}

interface Watched {
  view: CoverageView;
  bytes: number;
  /** How long each answer took while Coverage listed the bucket, in ascending order. */
  answerMs: number[];
  seconds: number;
}

async function measure(url: string, files: number): Promise<Section> {
  // The range of files without a marker, 47 minutes long.
  const hole = [0.4, 0.4 + (47 * 60_000) / (DAYS * DAY_MS)].map((share) => Math.round(share * files));
  const many = {
    startMs: START_MS,
    everyMs: (DAYS * DAY_MS) / files,
    files,
    batches: BATCHES_PER_FILE,
    hole,
    addedMs: ADDED_MS,
  };
  await fetch(new URL("/bench/bucket", url), { method: "POST", body: JSON.stringify(many) });
  const counts = async (): Promise<Counted> => (await fetch(new URL("/bench/counts", url))).json();
  const presence = await watch(url, "presence");
  const afterPresence = await counts();
  const exact = await watch(url, "exact");
  const afterExact = await counts();
  for (const { view } of [presence, exact]) {
    if (view.holes.length !== 1) throw new Error(`${view.holes.length} holes instead of one: ${view.states}`);
  }
  const plans = await planned(url);
  const answerMs = [...presence.answerMs, ...exact.answerMs].sort((a, b) => a - b);
  const share = (part: number): number => answerMs[Math.floor((answerMs.length - 1) * part)] ?? 0;
  return {
    title: `coverage of ${DAYS} days, ${files} raw files, ${files * BATCHES_PER_FILE} markers, ${ADDED_MS} ms added to each list`,
    figures: [
      figure("lists until presence is known, all kinds", sum(afterPresence), "", "≤ 200"),
      figure("lists until every marker is counted, all kinds", sum(afterExact), "", "≤ 3700"),
      figure("longest turn", afterExact.turns.longestMs / 1_000, "s", "≤ 5"),
      figure("most lists in a turn", afterExact.turns.mostLists, "", "≤ 405"),
      figure("GET /coverage while it works, median", share(0.5), "ms", "≤ 50"),
      figure("GET /coverage while it works, 95 of 100", share(0.95), "ms"),
      figure("GET /coverage while it works, longest", share(1), "ms"),
      figure("answers while it worked", answerMs.length, ""),
      figure("lists of raw files", afterExact.lists.raw, ""),
      figure("lists of presence", afterExact.lists.presence, ""),
      figure("lists of markers next to the hole, and probes", afterPresence.lists.exact, ""),
      figure("lists of markers, all", afterExact.lists.exact, ""),
      figure("until presence is known", presence.seconds, "s"),
      figure("from there until every marker is counted", exact.seconds, "s"),
      figure(
        `POST /runs/plan of an hour of ${plans.files} files, longest of ${PLANS}`,
        plans.longestMs / 1_000,
        "s",
        "≤ 2",
      ),
      figure("answer with columns", exact.bytes / 1_000, "KB"),
    ],
  };
}

/** Requests plans of hours that do not adjoin. So each plan must list its own hour. */
async function planned(url: string): Promise<{ files: number; longestMs: number }> {
  let [files, longestMs] = [0, 0];
  for (let n = 0; n < PLANS; n += 1) {
    const startMs = START_MS + (n + 1) * DAY_MS + n * 3 * 3_600_000;
    const body = JSON.stringify({ start: isoSecond(startMs), end: isoSecond(startMs + 3_600_000) });
    const began = performance.now();
    const headers = { Authorization: `Bearer ${BENCH_VARS.API_TOKEN}` };
    const response = await fetch(new URL("/runs/plan", url), { method: "POST", headers, body });
    const plan = await response.json<{ complete: boolean; raw: { files: number } }>();
    longestMs = Math.max(longestMs, performance.now() - began);
    if (!response.ok || !plan.complete)
      throw new Error(`${response.status} ${JSON.stringify(plan).slice(0, 300)}`);
    files = Math.max(files, plan.raw.files);
  }
  return { files, longestMs };
}

function sum({ lists }: Counted): number {
  return lists.raw + lists.presence + lists.exact;
}

/** Repeats the request until Coverage has no work left. */
async function watch(url: string, detail: string): Promise<Watched> {
  const query = {
    start: isoSecond(START_MS),
    end: isoSecond(START_MS + DAYS * DAY_MS),
    detail,
    columns: "true",
  };
  const address = new URL(`/coverage?${new URLSearchParams(query).toString()}`, url);
  const headers = { Authorization: `Bearer ${BENCH_VARS.API_TOKEN}` };
  const began = performance.now();
  const answerMs: number[] = [];
  for (;;) {
    const asked = performance.now();
    const response = await fetch(address, { headers });
    const text = await response.text();
    const tookMs = performance.now() - asked;
    if (!response.ok) throw new Error(`${response.status} ${text.slice(0, 300)}`);
    const view = JSON.parse(text) as CoverageView;
    if (view.complete) return { view, bytes: text.length, answerMs: answerMs.sort((a, b) => a - b), seconds: (performance.now() - began) / 1_000 }; // prettier-ignore
    answerMs.push(tookMs);
    await wait(ASK_EVERY_MS);
  }
}
