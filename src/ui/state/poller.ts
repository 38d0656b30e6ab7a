// The timer of the page. It requests the data of a source again when the time between two requests has passed. It
// also records whether the API answers.
import { computed, signal } from "@preact/signals";
import { ask } from "../api/client.ts";
import { paths } from "../api/paths.ts";
import { isLost, type Problem } from "../api/problem.ts";
import { delayMs, HEARTBEAT_MS, isDue } from "./rhythm.ts";

/** Data that the page shows and requests again. */
export interface Source {
  refresh(): Promise<void>;
  /** When the newest request began, in epoch ms. */
  askedAt: number | null;
  isBusy: boolean;
  /** True: the data are changing now. */
  works(): boolean;
  /** For data that change rarely: the time between two requests in ms, if it is longer than the usual time. */
  slowestMs: number;
}

const TICK_MS = 500;
const sources = new Set<Source>();
let heartbeatAt = 0;

/** The current time in epoch ms, updated once a second. For texts such as "3 s ago". */
export const now = signal(Date.now());
/** When the API last sent any answer. */
export const answeredAt = signal<number | null>(null);
/** Since when requests get no answer. Null: the API answers. */
export const lostSince = signal<number | null>(null);
export const isReached = computed(() => lostSince.value === null);

/** Reports to the timer how a request ended. */
export function noteOutcome(problem: Problem | null): void {
  if (problem && isLost(problem)) {
    lostSince.value ??= answeredAt.value ?? Date.now();
    return;
  }
  answeredAt.value = Date.now();
  lostSince.value = null;
}

export function addSource(source: Source): () => void {
  sources.add(source);
  // Requests the data at once. The next tick of the timer may be half a second away.
  if (source.askedAt === null && !source.isBusy) void source.refresh();
  return () => sources.delete(source);
}

/** Sources whose request was open when something changed. Their answer may show the state before the change, so they
 * are requested again. */
const outdated = new Set<Source>();

/** Requests the data of all sources again. */
export function refreshAll(): void {
  for (const source of sources) {
    if (source.isBusy) outdated.add(source);
    else void source.refresh();
  }
}

function tick(): void {
  const time = Date.now();
  if (Math.floor(time / 1_000) !== Math.floor(now.value / 1_000)) now.value = time;
  const works = [...sources].some((source) => source.works());
  const situation = { hidden: document.hidden, works, lost: lostSince.value !== null };
  for (const source of sources) {
    const delay = delayMs(situation, source.slowestMs);
    if (source.isBusy) continue;
    const isOutdated = outdated.delete(source);
    if (isOutdated || isDue(time, source.askedAt, delay)) void source.refresh();
  }
  if (!document.hidden) void beat(time);
}

/** Sends a GET /health, which needs no credential and reads no run. */
async function beat(time: number): Promise<void> {
  const last = Math.max(heartbeatAt, answeredAt.value ?? 0);
  if (!isDue(time, last, HEARTBEAT_MS)) return;
  heartbeatAt = time;
  const answer = await ask(paths.health, { timeoutMs: HEARTBEAT_MS });
  const wasLost = lostSince.value !== null;
  noteOutcome(answer.ok ? null : answer.problem);
  if (wasLost && lostSince.value === null) refreshAll();
}

const channel = new BroadcastChannel("changes");

/** Shows a change at once in this tab and in the other tabs of this browser. */
export function announceChange(): void {
  refreshAll();
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a BroadcastChannel has none
  channel.postMessage(null);
}

export function startPolling(): void {
  setInterval(tick, TICK_MS);
  channel.addEventListener("message", refreshAll);
  window.addEventListener("online", refreshAll);
  document.addEventListener("visibilitychange", () => {
    if (!document.hidden) refreshAll();
  });
}
