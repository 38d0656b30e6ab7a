// The one clock of the page. It asks every source again when its time has come, and knows whether the API is reached.
import { computed, signal } from "@preact/signals";
import { ask } from "../api/client.ts";
import { paths } from "../api/paths.ts";
import { isLost, type Problem } from "../api/problem.ts";
import { delayMs, HEARTBEAT_MS, isDue } from "./rhythm.ts";

/** Something that the page shows and asks for again. */
export interface Source {
  refresh(): Promise<void>;
  /** When the last request began, in epoch ms. */
  askedAt: number | null;
  isBusy: boolean;
  /** Whether the data changes by itself at the moment. */
  works(): boolean;
  /** The shortest time between two requests, for data that changes rarely. */
  slowestMs: number;
}

const TICK_MS = 500;
const sources = new Set<Source>();
let heartbeatAt = 0;

/** Epoch ms, once a second: for "3 s ago". */
export const now = signal(Date.now());
/** When the API last answered anything. */
export const answeredAt = signal<number | null>(null);
/** Since when requests get no answer. Null: the API is reached. */
export const lostSince = signal<number | null>(null);
export const isReached = computed(() => lostSince.value === null);

/** Tells the clock how a request ended. */
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
  // The next tick may be half a second away.
  if (source.askedAt === null && !source.isBusy) void source.refresh();
  return () => sources.delete(source);
}

/** Sources whose request was under way when something changed. Its answer may be older than the change. */
const outdated = new Set<Source>();

/** Asks for everything again at once. */
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

/** /health needs no credential and reads no run. */
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

/** After a change: this tab and the other tabs of this browser show it at once. */
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
