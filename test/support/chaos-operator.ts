// Acts as a careful operator for a run that cannot continue by itself, and limits how long a run may take. Uses only
// the HTTP API. Asks the receiver what it has, as an operator asks the partner.
import { setTimeout as wait } from "node:timers/promises";
import type { LedgerBatch, Status } from "./chaos-api.ts";
import type { ChaosStack } from "./chaos-stack.ts";

/** The time for a run to end after the receiver is mended. Leases last 30 s and retries wait up to a minute. A
 * message that was lost with the stack is sent again after up to five minutes. */
const END_LIMIT_MS = 420_000;
const POLL_MS = 400;

export interface Ended {
  status: Status;
  settledByHand: number;
}

/** Thrown when a run did something forbidden. The message becomes a finding. */
export class ChaosFinding extends Error {}

export async function untilDelivered(
  stack: ChaosStack,
  runId: string,
  style: "retry_all" | "ask_partner",
  settledBefore: number,
): Promise<Ended> {
  const deadline = Date.now() + END_LIMIT_MS;
  let settledByHand = settledBefore;
  for (;;) {
    if (await stack.hasEnded()) throw new ChaosFinding("the Worker's process ended by itself");
    const status = await stack.api.status(runId);
    if (status.delivery_completed) return { status, settledByHand };
    const reason = status.state_reason?.code ?? "";
    if (status.stage_code === "paused") await must(stack, `/runs/${runId}/resume`, {});
    else if (reason === "unusual_answers") {
      settledByHand += await judgeAnswers(stack, runId);
    } else if (status.stage_code === "needs_attention") {
      settledByHand += await settle(stack, runId, style);
    }
    if (Date.now() > deadline) {
      throw new ChaosFinding(
        `not delivered ${END_LIMIT_MS / 1_000} s after the receiver was mended: ${JSON.stringify(status)}`,
      );
    }
    await wait(POLL_MS);
  }
}

/** Returns how many batches the operator settled. */
async function settle(stack: ChaosStack, runId: string, style: "retry_all" | "ask_partner"): Promise<number> {
  const { batches, files } = await stack.api.ledger(runId);
  const waiting = batches.filter(({ state }) => ["held", "refused", "failed"].includes(state));
  const uncertain = waiting.filter(({ exceptional_attempts: attempts }) =>
    attempts.some(({ state }) => state === "uncertain"),
  );
  const keys = new Map(files.map(({ file, key }) => [file, key]));
  let settled = 0;
  if (style === "ask_partner") {
    for (const batch of uncertain) {
      const share = partnersShare(stack, batch, keys);
      const isThere = share === 1;
      // The receiver has a part of the batch. Sending the batch again repeats lines. This is better than losing
      // lines.
      if (share > 0 && share < 1) stack.hasResentInPart = true;
      const outcome = isThere ? "delivered" : "resend";
      await must(stack, `/runs/${runId}/batches/${batch.batch}/resolve`, {
        outcome,
        note: "the partner said so",
      });
      if (isThere) settled += 1;
    }
  }
  const troubled = files.filter(({ state }) => ["failed", "missing"].includes(state));
  const isLeft = style === "retry_all" || uncertain.length < waiting.length || troubled.length > 0;
  if (isLeft && waiting.length + troubled.length > 0) await must(stack, `/runs/${runId}/retry`, {});
  if (waiting.length + troubled.length === 0) {
    const status = await stack.api.status(runId);
    if (status.stage_code === "needs_attention") {
      throw new ChaosFinding(`needs_attention, and nothing to settle: ${JSON.stringify(status)}`);
    }
  }
  return settled;
}

/** Decides about all answers of the unusual kind together, if one decision is right for all. Otherwise decides batch
 * by batch. */
async function judgeAnswers(stack: ChaosStack, runId: string): Promise<number> {
  const { batches, files } = await stack.api.ledger(runId);
  const keys = new Map(files.map(({ file, key }) => [file, key]));
  const shares = batches
    .filter(({ state, reason }) => state === "held" && reason?.startsWith("unusual_answer"))
    .map((batch) => partnersShare(stack, batch, keys));
  const areThere = shares.every((share) => share === 1);
  const isOneWord = areThere || shares.every((share) => share === 0);
  const settled = isOneWord ? 0 : await settle(stack, runId, "ask_partner");
  await must(stack, `/runs/${runId}/resume`, { answers: isOneWord && areThere ? "success" : "refused" });
  return settled;
}

/** The share of a batch that the receiver has, from 0 to 1. */
function partnersShare(stack: ChaosStack, batch: LedgerBatch, keys: ReadonlyMap<number, string>): number {
  const kept = stack.files.find(({ key }) => key === keys.get(batch.file))?.kept_ray_ids ?? [];
  const lines = kept.slice(kept.indexOf(batch.first_ray_id), kept.indexOf(batch.last_ray_id) + 1);
  return lines.filter((rayId) => stack.receiver.tally.rayIds.has(rayId)).length / lines.length;
}

async function must(stack: ChaosStack, path: string, body: object): Promise<void> {
  const { status, body: said } = await stack.api.call("POST", path, body);
  if (status !== 200 && status !== 202) {
    throw new ChaosFinding(`POST ${path} ${JSON.stringify(body)}: ${status} ${JSON.stringify(said)}`);
  }
}

/** Polls the status until `until` returns true. */
export async function waitForStatus(
  stack: ChaosStack,
  runId: string,
  until: (status: Status) => boolean,
  limitMs: number,
  what: string,
): Promise<Status> {
  const deadline = Date.now() + limitMs;
  for (;;) {
    const status = await stack.api.status(runId);
    if (until(status)) return status;
    if (Date.now() > deadline) {
      throw new ChaosFinding(`${what}: not within ${limitMs / 1_000} s: ${JSON.stringify(status)}`);
    }
    await wait(POLL_MS / 2);
  }
}

const SLOT_LIMIT_MS = 60_000;

/** Repeats a command while another run owns the slot. */
export async function insist(
  call: () => Promise<{ status: number; body: unknown }>,
  expected: number[],
  harmless: string | null,
): Promise<{ status: number; body: unknown }> {
  const deadline = Date.now() + SLOT_LIMIT_MS;
  for (;;) {
    const answer = await call();
    if (expected.includes(answer.status)) return answer;
    const text = JSON.stringify(answer.body);
    if (harmless !== null && text.includes(harmless)) return answer;
    const isForNow = answer.status === 503 || text.includes("slot_taken");
    if (!isForNow || Date.now() > deadline) throw new ChaosFinding(`refused: ${answer.status} ${text}`);
    await wait(POLL_MS);
  }
}
