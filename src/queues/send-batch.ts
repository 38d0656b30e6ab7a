// Sends one permitted batch: fetches its bytes, waits for the permitted moment, POSTs, and reports the outcome.
// Never judges the answer.
import { isSuccess } from "../receivers/status-meaning.ts";
import type { PostOutcome, SendPermit, SendReport } from "../contract/sending.ts";
import type { Config } from "../platform/config.ts";
import { answerRuleOf } from "../platform/receiver-config.ts";
import { errorText, type Log } from "../platform/log.ts";
import { memberDigest } from "../pipeline/send/member-digest.ts";
import { bodyOf, kindOf, addressOf, requestOf, type Receiver } from "../receivers/receiver.ts";
import { MAY_BEGIN_MS, type OpenLease, type OpenLeases } from "./open-leases.ts";
import { post } from "./post.ts";
import { steadyNow } from "./steady-clock.ts";
import type { BackfillRunApi } from "../contract/run.ts";

export interface SendDeps {
  runId: string;
  run: SendingRun;
  bucket: R2Bucket;
  config: Pick<Config, "sendTimeoutMs" | "receivers" | "successPattern" | "gzipLevel">;
  leases: OpenLeases;
  /** A Retry-After that one sender loop received stops the other loops of this invocation at once. */
  pause: { until: number };
  log: Log;
}

/** A sender that is late this often returns the batch unsent. The sender's machine is then too slow, and the batch
 * is not the cause. */
const MAX_RENEWALS = 8;
/** How often a sender reads a batch from R2 before it gives up. Most failures of R2 are short. */
const BODY_TRIES = 3;

/** How long a sender pauses by itself: long enough for the run to receive the report and answer with its own
 * wait. */
const LOCAL_PAUSE_MS = 2_000;

type Unsent = Extract<PostOutcome, { kind: "not_sent" }>;

/** Returns the send report for the next claim. Empty: the run has already decided. */
export async function sendBatch(permit: SendPermit, askedAt: number, deps: SendDeps): Promise<SendReport[]> {
  const receivedAt = steadyNow();
  const lease = deps.leases.open({ batch: permit.batch, attempt: permit.attempt }, askedAt);
  const receiver = deps.config.receivers[kindOf(permit)];
  try {
    if (receiver === null) return [report(permit, "", NO_RECEIVER, {})];
    const read = { reads: 0 };
    const names = addressOf(receiver);
    const body = await readBody(permit, receiver, deps, read);
    const known = { bodyReadyMs: steadyNow() - receivedAt, ...read };
    if ("kind" in body) return [report(permit, names, body, known)];
    const moment = await waitForMoment(permit, lease, { askedAt, receivedAt }, deps);
    if (moment === "superseded") return [];
    if (typeof moment !== "number") return [report(permit, names, moment, known)];
    return [await postBatch(permit, { receiver, body, lease }, deps, { ...known, lateMs: moment })];
  } finally {
    deps.leases.close(lease);
  }
}

/** The run is suspended when its receiver's secrets are missing. So only a batch whose permit was issued before can
 * come here. */
const NO_RECEIVER: Unsent = {
  kind: "not_sent",
  reason: "gave_up",
  detail: "the secrets of the run's receiver are missing",
};

/** Adds the reads of R2 to `read`. */
async function readBody(
  permit: SendPermit,
  receiver: Receiver,
  deps: SendDeps,
  read: { reads: number },
): Promise<Uint8Array | Unsent> {
  let detail = "";
  for (let tries = 0; tries < BODY_TRIES; tries += 1) {
    read.reads += 1;
    try {
      const object = await deps.bucket.get(permit.packKey, {
        range: { offset: permit.offset, length: permit.length },
      });
      if (object === null) return { kind: "not_sent", reason: "pack_missing", detail: permit.packKey };
      const bytes = new Uint8Array(await object.arrayBuffer());
      if (bytes.length === permit.length) return checkedBody(bytes, permit, receiver, deps);
      return { kind: "not_sent", reason: "pack_short", detail: `${bytes.length} of ${permit.length} bytes` };
    } catch (error) {
      // R2 refuses a range beyond the end of the R2 object. The pack is then shorter than its manifest says.
      detail = errorText(error);
      if (/range|10039/i.test(detail)) return { kind: "not_sent", reason: "pack_short", detail };
    }
  }
  deps.log("warn", "storage_failed", {
    run: deps.runId,
    batch: permit.batch,
    key: permit.packKey,
    error: detail,
  });
  return { kind: "not_sent", reason: "storage_failed", detail };
}

/** The body of the POST, made of the gzip member. Bytes that the parser did not write count as a lost pack. */
function checkedBody(
  bytes: Uint8Array,
  permit: SendPermit,
  receiver: Receiver,
  deps: SendDeps,
): Uint8Array | Unsent {
  const damaged = (detail: string): Unsent => {
    const { batch, packKey: key } = permit;
    deps.log("warn", "pack_damaged", { run: deps.runId, batch, key, detail });
    return { kind: "not_sent", reason: "pack_damaged", detail };
  };
  if (permit.memberDigest !== null && memberDigest(bytes) !== permit.memberDigest)
    return damaged("the bytes differ from what the parser wrote");
  try {
    return bodyOf(bytes, permit, receiver, deps.config.gzipLevel);
  } catch (error) {
    return damaged(errorText(error));
  }
}

/** Waits for the permitted moment. Returns the delay in ms, counted from the beginning of the call that returned
 * the permit. */
async function waitForMoment(
  permit: SendPermit,
  lease: OpenLease,
  call: { askedAt: number; receivedAt: number },
  deps: SendDeps,
): Promise<number | "superseded" | Unsent> {
  let { askedAt, receivedAt } = call;
  let { waitMs, slackMs } = permit;
  for (let renewals = 0; renewals <= MAX_RENEWALS; renewals += 1) {
    const rest = receivedAt + waitMs - steadyNow();
    if (rest > 0) await scheduler.wait(rest);
    const lateMs = steadyNow() - (askedAt + waitMs);
    if (steadyNow() - lease.acknowledgedAt > MAY_BEGIN_MS || lease.abort.signal.aborted) break;
    if (lateMs <= slackMs && steadyNow() >= deps.pause.until) return lateMs;
    askedAt = steadyNow();
    const again = await deps.run.regrant(lease.ref).catch(() => null);
    if (again === null) break;
    if (!again.ok && again.code === "superseded") return "superseded";
    if (!again.ok) return { kind: "not_sent", reason: "gave_up", detail: again.detail };
    receivedAt = steadyNow();
    lease.acknowledgedAt = askedAt;
    ({ waitMs, slackMs } = again);
  }
  return { kind: "not_sent", reason: "gave_up", detail: "too late for its send permit" };
}

async function postBatch(
  permit: SendPermit,
  { receiver, body, lease }: { receiver: Receiver; body: Uint8Array; lease: OpenLease },
  deps: SendDeps,
  known: { bodyReadyMs: number; lateMs: number; reads: number },
): Promise<SendReport> {
  const [random = 0] = crypto.getRandomValues(new Uint32Array(1));
  const request = requestOf(receiver, { nowMs: Date.now(), rand: random % 100_000 }, permit.http);
  const startedAt = Date.now();
  const { outcome, ackMs } = await post(request, body, {
    timeoutMs: deps.config.sendTimeoutMs,
    leaseLost: lease.abort.signal,
    rule: answerRuleOf(deps.config, receiver.kind),
    lines: permit.lines,
  });
  const endedAt = Date.now();
  if (outcome.kind === "answer" && outcome.retryAfterMs !== null && !isSuccess(outcome.status)) {
    deps.pause.until = Math.max(
      deps.pause.until,
      steadyNow() + Math.min(outcome.retryAfterMs, LOCAL_PAUSE_MS),
    );
  }
  deps.log("info", "batch_posted", {
    run: deps.runId,
    batch: permit.batch,
    attempt: permit.attempt,
    file: permit.file,
    lines: permit.lines,
    bytes: body.length,
    outcome: outcome.kind,
    status: outcome.kind === "answer" ? outcome.status : null,
    ack_ms: ackMs,
    queue_wait_ms: permit.queueWaitMs,
  });
  return report(permit, addressOf(receiver), outcome, {
    ...known,
    startedAt,
    endedAt,
    ackMs,
    bodyBytes: body.length,
  });
}

function report(
  permit: SendPermit,
  receiver: string,
  outcome: PostOutcome,
  known: Partial<SendReport>,
): SendReport {
  return {
    batch: permit.batch,
    attempt: permit.attempt,
    outcome,
    startedAt: null,
    endedAt: null,
    ackMs: null,
    bodyReadyMs: 0,
    lateMs: 0,
    receiver,
    ...known,
  };
}

export type SendingRun = Pick<BackfillRunApi, "next" | "done" | "renew" | "regrant">;
