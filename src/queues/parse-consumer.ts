// Handles one message of the parse queue: claims the file, turns its R2 object into a pack and a manifest, hands
// the manifest to the run. Owns the I/O around the parse step. src/pipeline decides what a line means, and the run
// decides the file's state. A pack is deleted only after an explicit refusal, never after an unknown outcome.
import type { BackfillRunApi } from "../contract/run.ts";
import type { FileClaim, FileFailure, ManifestEntry, ManifestPage } from "../contract/parsing.ts";
import { RENEW_EVERY_MS } from "../contract/leases.ts";
import type { R2Operations } from "../contract/work.ts";
import { countedBucket } from "../platform/counted-bucket.ts";
import type { Env } from "../platform/env.ts";
import { errorText, type Log } from "../platform/log.ts";
import { readParseMessage } from "../contract/messages.ts";
import { runObject } from "../platform/objects.ts";
import { parseFile } from "../pipeline/parse.ts";
import type { Batch, ParseOutcome } from "../pipeline/types.ts";
import type { FileCounts } from "../contract/file-counts.ts";
import { NoPack, PackWriter } from "./pack-writer.ts";
import type { LiveManifest } from "../contract/live.ts";
import { liveParse } from "../pipeline/live-index.ts";
import { liveManifest, liveWork, waitsFor } from "./live-claim.ts";
import { REPORT_FOR_MS, persistCall } from "./persist-call.ts";
import { RunCallFailed, runCall } from "./run-call.ts";
import { slabsOf } from "../platform/slabs.ts";

/** How many batches one page of a manifest has: about 600 KB of RPC. */
const PAGE_BATCHES = 2_000;

type Run = Pick<BackfillRunApi, "claimFile" | "renewFile" | "uploadStarted" | "queued" | "fileFailed">;

/** Another parser has the lease of this file now, or the run no longer wants it. */
class Superseded extends Error {}

export async function parseOne(body: unknown, env: Env, log: Log): Promise<void> {
  const read = readParseMessage(body);
  if (!read.ok) {
    log("error", "message_unreadable", { queue: "parse", reason: read.reason });
    return;
  }
  const { run: runId, file } = read.message;
  const run: Run = runObject(env, runId);
  const claim = await run.claimFile(file);
  if (!claim.ok) {
    log("debug", "file_not_claimed", { run: runId, file, code: claim.code });
    return;
  }
  const startedAt = Date.now();
  const operations = { classA: 0, classB: 0 };
  const counting = { ...env, LOGS: countedBucket(env.LOGS, operations) };
  const fields = { run: runId, file, attempt: claim.attempt, key: claim.key };
  try {
    const result = await parseClaimed(counting, operations, run, file, claim, (error) =>
      log("warn", "file_lease_not_renewed", { ...fields, error: errorText(error) }),
    );
    log("info", "file_parsed", { ...fields, ...result, took_ms: Date.now() - startedAt });
  } catch (error) {
    if (error instanceof Superseded) {
      log("warn", "file_superseded", { ...fields, detail: error.message });
      return;
    }
    const reason = causeOf(error);
    log("warn", "file_given_back", { ...fields, reason, error: errorText(error) });
    const failure = {
      state: "gave_up",
      reason,
      detail: errorText(error),
      counts: null,
      seen: null,
    } as const;
    await run.fileFailed({ file, attempt: claim.attempt, operations, ...failure });
  }
}

/** The cause of a failed parse. Only "io" pauses the parsing of other files. An error such as TypeError is a bug
 * of the parser. The run's Durable Object may throw such errors too, so failed calls to the run are recognised
 * first. Any other error comes from R2 or the network. */
function causeOf(error: unknown): "run_failed" | "parser_error" | "io" {
  if (error instanceof RunCallFailed) return "run_failed";
  const isBug = error instanceof TypeError || error instanceof RangeError || error instanceof ReferenceError;
  return isBug ? "parser_error" : "io";
}

/** What happened to the file, for the log. */
async function parseClaimed(
  env: Env,
  operations: R2Operations,
  run: Run,
  file: number,
  claim: FileClaim,
  notRenewed: (error: unknown) => void,
): Promise<object> {
  const fail = async (failure: Omit<FileFailure, "file" | "attempt">): Promise<object> => {
    const report = { file, attempt: claim.attempt, operations, ...failure };
    await runCall("fileFailed", () => persistCall(() => run.fileFailed(report), REPORT_FOR_MS));
    const { state, reason, detail, counts } = failure;
    return { state, reason, detail, counts: counts && withoutSamples(counts) };
  };
  const live = await liveWork(env.LOGS, claim);
  const waits = live && waitsFor(live);
  if (waits !== null) {
    return fail({ state: "waiting", reason: "live_waiting", detail: waits, counts: null, seen: null });
  }
  const object = await objectOf(env.LOGS, claim.key, claim.etag);
  if (object === null) {
    return fail({
      state: "missing",
      reason: "not_found",
      detail: "the object is gone",
      counts: null,
      seen: null,
    });
  }
  if (!("body" in object)) {
    const seen = { etag: object.etag, size: object.size };
    return fail({
      state: "changed",
      reason: "etag",
      detail: "the object is another one now",
      counts: null,
      seen,
    });
  }
  const lease = keepLease(run, file, claim.attempt, notRenewed);
  const { packKey } = claim;
  const newWriter = () =>
    packKey === null
      ? new NoPack()
      : new PackWriter(env.LOGS, packKey, async (uploadId) => {
          const answer = await runCall("uploadStarted", () =>
            run.uploadStarted(file, claim.attempt, uploadId),
          );
          if (!answer.ok) throw new Superseded(answer.detail);
        });
  let writer = newWriter();
  const rest = async (): Promise<void> => {
    if (lease.lost !== null) throw new Superseded(lease.lost);
    // In a Worker, only a return to the event loop lets other work run. `wait(0)` does not return to it.
    await scheduler.wait(1);
  };
  try {
    let entries: ManifestEntry[] = [];
    const parse = (body: ReadableStream, skips: boolean) =>
      parseFile(
        slabsOf(body as ReadableStream<Uint8Array>),
        { key: claim.key },
        claim.parse,
        async (batch) => {
          if (lease.lost !== null) throw new Superseded(lease.lost);
          entries.push({ ...factsOf(batch), ...writer.place(batch.body) });
          await writer.add(batch.body);
        },
        { now: () => Date.now(), rest },
        live ? liveParse(live.claim.batchSize, live.markers, skips) : undefined,
      );
    let outcome = await parse(object.body, true);
    if (live && outcome.kind === "ok" && skippedBlindly(outcome.counts)) {
      // It is not known which records were skipped. So the file is parsed again, and no record is skipped.
      await writer.abandon();
      [writer, entries] = [newWriter(), []];
      const again = await objectOf(env.LOGS, claim.key, object.etag);
      if (again === null || !("body" in again)) throw new Error("the object changed between two parses");
      outcome = await parse(again.body, false);
    }
    if (outcome.kind === "corrupt") {
      await writer.abandon();
      const { reason, detail, counts } = outcome;
      return await fail({ state: "failed", reason, detail, counts, seen: null });
    }
    await writer.close();
    const { etag } = object;
    const manifest =
      live && (await liveManifest(env.LOGS, live, { key: claim.key, etag }, outcome.liveKept ?? []));
    const answer = await handOver(run, file, claim.attempt, entries, etag, outcome, manifest, operations);
    if (!answer.ok) {
      await writer.abandon();
      throw new Superseded(answer.detail);
    }
    return {
      state: answer.state,
      batches: entries.length,
      pack_bytes: writer.bytes,
      counts: withoutSamples(outcome.counts),
    };
  } catch (error) {
    if (error instanceof Superseded) await writer.abandon();
    throw error;
  } finally {
    lease.stop();
  }
}

/** Gets the R2 object to parse. An empty etag means any R2 object with this key. */
async function objectOf(
  bucket: R2Bucket,
  key: string,
  etag: string,
): Promise<R2ObjectBody | R2Object | null> {
  return etag === "" ? bucket.get(key) : bucket.get(key, { onlyIf: { etagMatches: etag } });
}

function skippedBlindly({ dropped, live }: FileCounts): boolean {
  return live !== undefined && live.borders !== "known" && (dropped.delivered_live ?? 0) > 0;
}

/** The counts for the log. Samples contain bytes of visitors' records, so only the status shows them. */
function withoutSamples({ samples: _samples, ...counts }: FileCounts): Omit<FileCounts, "samples"> {
  return counts;
}

function factsOf(batch: Batch): Omit<ManifestEntry, "offset" | "length"> {
  const { ordinal, lines, digest, rawBytes, firstRayId, lastRayId } = batch;
  return { ordinal, lines, digest, rawBytes, firstRayId, lastRayId };
}

async function handOver(
  run: Run,
  file: number,
  attempt: number,
  entries: ManifestEntry[],
  etag: string,
  outcome: Extract<ParseOutcome, { kind: "ok" }>,
  live: LiveManifest | null,
  operations: R2Operations,
) {
  const pages = Math.max(1, Math.ceil(entries.length / PAGE_BATCHES));
  for (let page = 0; ; page += 1) {
    const manifest: ManifestPage = {
      file,
      attempt,
      page,
      pages,
      batches: entries.length,
      entries: entries.slice(page * PAGE_BATCHES, (page + 1) * PAGE_BATCHES),
      etag,
      counts: outcome.counts,
      salvaged: outcome.salvaged,
      ...(live && { live }),
      ...(page === pages - 1 && { operations }),
    };
    const answer = await runCall("queued", () => persistCall(() => run.queued(manifest), REPORT_FOR_MS));
    if (!answer.ok || page === pages - 1) return answer;
  }
}

/** Renews the lease while the parser works. `lost` is the reason when the parser has lost the lease. */
function keepLease(
  run: Run,
  file: number,
  attempt: number,
  notRenewed: (error: unknown) => void,
): { lost: string | null; stop(): void } {
  const lease = { lost: null as string | null, stop: () => clearInterval(timer) };
  const timer = setInterval(() => {
    run.renewFile(file, attempt).then(
      (answer) => {
        if (!answer.ok) lease.lost = answer.detail;
      },
      notRenewed, // the next renewal may succeed; the run refuses it when the lease has expired
    );
  }, RENEW_EVERY_MS);
  return lease;
}
