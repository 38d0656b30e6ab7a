// Writes the effects of a decision, in their order, within the caller's transaction. Decides nothing. A row is
// written only if it still has the state and attempt that the decision read.
import { canContinue } from "../batches/stranding.ts";
import { record } from "../batches/attempt-records.ts";
import type { RunContext } from "../context/context.ts";
import { reparseFile } from "../files/pack-lost.ts";
import type { Slice } from "../batches/split.ts";
import type { BatchPatch } from "../ledger/batch-row.ts";
import { NO_REASON, STRANDED, because } from "../ledger/reasons.ts";
import type { Effect, Remembered } from "./report-effects.ts";

export function applyEffects(context: RunContext, effects: readonly Effect[]): void {
  for (const effect of effects) applyEffect(context, effect);
}

function applyEffect(context: RunContext, effect: Effect): void {
  const { memory, now, store } = context;
  switch (effect.do) {
    case "deliver":
      store.moveBatch(effect.batch, "done", { ...NO_REASON, ...delivery(effect, now) });
      return;
    case "name_delivery":
      store.moveBatch(effect.batch, "done", delivery(effect, now));
      return;
    case "retry":
      store.moveBatch(effect.batch, "pending", { retry_at: effect.at, ...columns(effect.remember) });
      return;
    case "set_aside":
      store.moveBatch(effect.batch, effect.as, { set_aside_at: now, ...columns(effect.remember) });
      return;
    case "split":
      return applySplit(context, effect);
    case "divide":
      return applyDivision(context, effect);
    case "record_attempt":
      return record(context, effect.batch, effect.attempt, effect.end);
    case "move_attempt":
      return store.attempts.move(effect.row, effect.to, effect.cause, effect.note);
    case "follow":
      return store.attempts.follow(effect.batch, effect.next, { kind: effect.by });
    case "unfollow":
      return store.attempts.unfollow(effect.batch, effect.next);
    case "reparse_file":
      return reparseFile(context, effect.file, effect.cause);
    case "count_duplicate_lines":
      return store.totals.add("duplicate_lines", effect.lines);
    case "count_assumed":
      return store.assumed.add(effect.batch.batch, effect.status, effect.batch.lines);
    case "undo_delivery":
      store.moveBatch(effect.batch, "refused", { set_aside_at: now, ...effect.reason, ...NO_DELIVERY });
      return;
    case "count_exception":
      return store.totals.add("exceptions", 1);
    case "freeze_receiver":
      memory.wakeUps.request();
      return store.run.update({ receiver_print: effect.print });
    case "stay_quiet":
      memory.quietAt = Math.max(memory.quietAt, effect.until);
  }
}

const NO_DELIVERY = { done_attempt: null, done_at: null, answer_status: null } satisfies BatchPatch;

type Of<Kind extends Effect["do"]> = Extract<Effect, { do: Kind }>;

function delivery({ attempt, status }: Of<"deliver" | "name_delivery">, now: number): BatchPatch {
  return { done_attempt: attempt, done_at: now, answer_status: status };
}

function columns({ reason, counted, successes }: Remembered): BatchPatch {
  return {
    ...reason,
    ...(counted !== undefined && { counted }),
    ...(successes !== undefined && { last_success_seen: successes }),
  };
}

/** Splits a batch. The parts get the next batch numbers of the run, from the returned number on. */
function insertParts(
  { now, store }: RunContext,
  { batch, cause, root, posts }: Pick<Of<"split">, "batch" | "cause" | "root" | "posts">,
  parts: readonly Slice[],
  at = now,
): number {
  const { batches, run } = store;
  store.moveBatch(batch, "split", because(cause));
  batches.countSplitPosts(root, posts);
  const next = run.read()?.next_batch;
  if (next === undefined) throw new Error("run row is missing");
  for (const [n, part] of parts.entries()) batches.insertPart(batch, next + n, part, now, at);
  run.update({ next_batch: next + parts.length });
  return next;
}

/** Attempt 0 of a part means that the POST of its parent delivered it. */
function applyDivision(context: RunContext, effect: Of<"divide">): void {
  const { now, store } = context;
  const { batch, cause, status, at, pieces } = effect;
  const next = insertParts(context, effect, pieces, at);
  const file = store.files.get(batch.file);
  const isStranded = file !== undefined && !canContinue(file.state);
  for (const [n, { as }] of pieces.entries()) {
    const part = store.batches.get(next + n);
    if (!part) throw new Error(`part ${next + n} is missing`);
    const aside = { retry_at: null, set_aside_at: now };
    if (as === "accepted")
      store.moveBatch(part, "done", { done_attempt: 0, done_at: now, answer_status: status });
    else if (as === "refused") store.moveBatch(part, "refused", { ...aside, ...because(cause) });
    else if (isStranded) store.moveBatch(part, "held", { ...aside, ...because(STRANDED, file.state) });
  }
}

function applySplit(context: RunContext, effect: Of<"split">): void {
  const { batches } = context.store;
  const { batch, parts } = effect;
  const next = insertParts(context, effect, parts);
  const file = context.store.files.get(batch.file);
  if (!file || canContinue(file.state)) return;
  // The file failed or changed while this batch was leased, and its other batches are held. So the two parts of
  // this batch, which is being split, are held too.
  for (const n of parts.keys()) {
    const part = batches.get(next + n);
    const held = { retry_at: null, set_aside_at: context.now, ...because(STRANDED, file.state) };
    if (part) context.store.moveBatch(part, "held", held);
  }
}
