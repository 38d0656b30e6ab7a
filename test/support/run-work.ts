// Makes the reports of parsers and senders by hand: manifests without a pack, send reports without a POST.
import { expect } from "vitest";
import type { FileClaim, ManifestEntry, ManifestPage } from "../../src/contract/parsing.ts";
import type { NextAnswer, PostOutcome, SendPermit, SendReport } from "../../src/contract/sending.ts";
import { env } from "cloudflare:workers";
import type { FileCounts } from "../../src/contract/file-counts.ts";
import { WINDOW_START, type RunUnderTest } from "./run-under-test.ts";

export const RECEIVER = "http://receiver.test\n/log/edge";

export function countsOf(kept: number, over: Partial<FileCounts> = {}): FileCounts {
  return {
    bytesRead: 1_000,
    rawBytes: 9_000,
    linesRead: kept + 3,
    emptyLines: 0,
    kept,
    malformed: 1,
    dropped: { not_top_level: 2, invalid_timestamp: 0, outside_window: 0, repeated_ray_id: 0 },
    sanitizedFields: 0,
    repeatedRayIds: 0,
    untrackedRayIds: 0,
    firstKeptMs: kept > 0 ? WINDOW_START : null,
    lastKeptMs: kept > 0 ? WINDOW_START + 1_000 : null,
    readableTimestamps: kept,
    parentRayIdAbsent: 0,
    samples: [],
    ...over,
  };
}

export function entriesOf(lines: readonly number[], salt = ""): ManifestEntry[] {
  return lines.map((count, ordinal) => ({
    ordinal,
    lines: count,
    digest: `digest-${salt}${ordinal}`,
    rawBytes: count * 100,
    offset: ordinal * 1_000,
    length: 1_000,
    firstRayId: `first-${ordinal}`,
    lastRayId: `last-${ordinal}`,
  }));
}

/** MD5 of the one byte that `putLogs` puts. */
const ETAG = "9dd4e461268c8034f5c8564e155c67a6";

export function manifestOf(
  file: number,
  attempt: number,
  entries: ManifestEntry[],
  over: Partial<ManifestPage> = {},
): ManifestPage {
  const lines = entries.reduce((sum, entry) => sum + entry.lines, 0);
  return {
    file,
    attempt,
    page: 0,
    pages: 1,
    batches: entries.length,
    entries,
    etag: ETAG,
    counts: countsOf(lines),
    salvaged: null,
    ...over,
  };
}

/** Puts R2 objects below the run's log prefix. Their content does not matter. Returns their keys. */
export async function putLogs(run: RunUnderTest, count: number, body = "x"): Promise<string[]> {
  const keys = Array.from({ length: count }, (_, n) => logKey(run, n));
  for (const key of keys) await env.LOGS.put(key, body);
  return keys;
}

export function logKey(run: Pick<RunUnderTest, "id">, n: number): string {
  const minute = String(n).padStart(2, "0");
  return `logs-${run.id}/20300422/20300422T14${minute}00Z_20300422T14${minute}30Z_${n}.log.gz`;
}

/** Lets the run list `files` raw log objects. */
export async function listed(run: RunUnderTest, files: number): Promise<void> {
  await putLogs(run, files);
  await run.start();
  await run.settle();
}

export async function claim(run: RunUnderTest, file: number): Promise<FileClaim> {
  const answer = await run.api.claimFile(file);
  if (!answer.ok) throw new Error(`${answer.code}: ${answer.detail}`);
  return answer;
}

/** Lets the run list and open one file for each list of batch sizes. */
export async function opened(run: RunUnderTest, files: readonly (readonly number[])[]): Promise<void> {
  await listed(run, files.length);
  for (const [n, lines] of files.entries()) {
    const { attempt } = await claim(run, n + 1);
    const answer = await run.api.queued(manifestOf(n + 1, attempt, entriesOf(lines, `f${n}-`)));
    expect(answer.ok).toBe(true);
  }
  await run.settle();
}

export function reportOf(
  ref: { batch: number; attempt: number },
  outcome: PostOutcome,
  over: Partial<SendReport> = {},
): SendReport {
  const posted = outcome.kind !== "not_sent";
  return {
    batch: ref.batch,
    attempt: ref.attempt,
    outcome,
    startedAt: posted ? Date.now() : null,
    endedAt: posted ? Date.now() : null,
    ackMs: posted ? 20 : null,
    bodyReadyMs: 10,
    lateMs: 1,
    receiver: RECEIVER,
    ...over,
  };
}

export function answered(status: number, over: object = {}): PostOutcome {
  return { kind: "answer", status, bodyStart: "", bodyMatches: null, retryAfterMs: null, ...over };
}
export const OK = answered(200);
export const TIMEOUT: PostOutcome = { kind: "timeout", detail: "no answer" };
export const RESET: PostOutcome = { kind: "reset", detail: "connection reset" };
export const REFUSED_CONNECTION: PostOutcome = { kind: "no_connection", detail: "refused" };
export const GAVE_UP: PostOutcome = { kind: "not_sent", reason: "gave_up", detail: "too late" };
export const PACK_MISSING: PostOutcome = { kind: "not_sent", reason: "pack_missing", detail: "gone" };

/** Claims one batch. Waits for its permit and its retry, as a sender does. */
export async function permitOf(run: RunUnderTest, reports: SendReport[] = []): Promise<SendPermit> {
  let unreported = reports;
  for (let tries = 0; tries < 400; tries += 1) {
    const next = await run.api.next("test.0", unreported, 1);
    unreported = [];
    if (next.kind === "grants" && next.grants[0]) return next.grants[0];
    await run.wait(next.kind === "wait" ? next.waitMs : tries < 20 ? 500 : 5_000);
  }
  throw new Error("no permit within half an hour");
}

export async function permitsOf(run: RunUnderTest, count: number): Promise<SendPermit[]> {
  const permits: SendPermit[] = [];
  while (permits.length < count) permits.push(await permitOf(run));
  return permits;
}

/** The permits of an answer. Fails the test when the answer has none. */
export function permitsIn(answer: NextAnswer): SendPermit[] {
  if (answer.kind !== "grants") throw new Error(`no permits: ${answer.kind} ${answer.reason}`);
  return answer.grants;
}

/** Reports an outcome without asking for the next batch. */
export async function reportOutcome(
  run: RunUnderTest,
  ref: { batch: number; attempt: number },
  outcome: PostOutcome,
): Promise<void> {
  await run.api.done("test.0", [reportOf(ref, outcome)]);
}

/** Delivers all batches that are left. */
export async function sendAll(run: RunUnderTest): Promise<void> {
  for (let tries = 0; tries < 2_000; tries += 1) {
    const { pending } = (await run.status()).lines;
    if (pending === 0) return;
    await reportOutcome(run, await permitOf(run), OK);
  }
  throw new Error("there is no end of it");
}
