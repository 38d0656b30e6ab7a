// Handles one message of the parse queue: claims the file, turns its R2 object into a pack and a manifest, hands
// the manifest to the run. src/pipeline decides what a line means, and the run decides the file's state. A pack is
// deleted only after an explicit refusal, never after an unknown outcome.
import type { BackfillRunApi } from "../contract/run.ts";
import { countedBucket } from "../platform/counted-bucket.ts";
import type { Env } from "../platform/env.ts";
import { errorText, type Log } from "../platform/log.ts";
import { readParseMessage } from "../contract/messages.ts";
import { runObject } from "../platform/objects.ts";
import { ClaimedFile, Superseded, withoutSamples } from "./claimed-file.ts";
import { liveManifest, liveWork, waitsFor } from "./live-claim.ts";
import { listedObject, parseObject } from "./parse-object.ts";
import { RunCallFailed } from "./run-call.ts";

type Run = Pick<BackfillRunApi, "claimFile" | "renewFile" | "uploadStarted" | "queued" | "fileFailed">;

export async function parseOne(body: unknown, env: Env, log: Log): Promise<void> {
  const read = readParseMessage(body);
  if (!read.ok) {
    log("error", "message_unreadable", { queue: "parse", reason: read.reason });
    return;
  }
  const { run: runId, file: number } = read.message;
  const run: Run = runObject(env, runId);
  const claim = await run.claimFile(number);
  if (!claim.ok) {
    log("debug", "file_not_claimed", { run: runId, file: number, code: claim.code });
    return;
  }
  const startedAt = Date.now();
  const file = new ClaimedFile(run, number, claim);
  const bucket = countedBucket(env.LOGS, file.operations);
  const fields = { run: runId, file: number, attempt: claim.attempt, key: claim.key };
  const stopRenewing = file.keepLease((error) =>
    log("warn", "file_lease_not_renewed", { ...fields, error: errorText(error) }),
  );
  try {
    const result = await parseClaimed(bucket, file);
    log("info", "file_parsed", { ...fields, ...result, took_ms: Date.now() - startedAt });
  } catch (error) {
    if (error instanceof Superseded) {
      log("warn", "file_superseded", { ...fields, detail: error.message });
      return;
    }
    const reason = causeOf(error);
    log("warn", "file_given_back", { ...fields, reason, error: errorText(error) });
    await file.giveBack(reason, errorText(error));
  } finally {
    stopRenewing();
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

/** Returns what happened to the file, for the log. */
async function parseClaimed(bucket: R2Bucket, file: ClaimedFile): Promise<object> {
  const { claim } = file;
  const live = await liveWork(bucket, claim);
  const waits = live && waitsFor(live);
  if (waits !== null) {
    return file.fail({ state: "waiting", reason: "live_waiting", detail: waits, counts: null, seen: null });
  }
  const object = await listedObject(bucket, claim.key, claim.etag);
  if (object === null) {
    const detail = "the object is gone";
    return file.fail({ state: "missing", reason: "not_found", detail, counts: null, seen: null });
  }
  const { etag } = object;
  if (!("body" in object)) {
    const detail = "the object is another one now";
    const seen = { etag, size: object.size };
    return file.fail({ state: "changed", reason: "etag", detail, counts: null, seen });
  }
  const { outcome, entries, pack } = await parseObject(bucket, file, object, live);
  if (outcome.kind === "corrupt") {
    const { reason, detail, counts } = outcome;
    return file.fail({ state: "failed", reason, detail, counts, seen: null });
  }
  const read = { key: claim.key, etag };
  const delivered = live && (await liveManifest(bucket, live, read, outcome.liveKept ?? []));
  const answer = await file.handOver({ entries, etag, outcome, live: delivered });
  if (!answer.ok) {
    await pack.abandon();
    throw new Superseded(answer.detail);
  }
  const counts = withoutSamples(outcome.counts);
  return { state: answer.state, batches: entries.length, pack_bytes: pack.bytes, counts };
}
