// Performs one planned step through the ports. Each step first awaits its I/O. Then one synchronous block reads the
// rows again and writes. So the block sees every change that happened during the await.
import { started, type RunContext, type StartedRun } from "../context/context.ts";
import { logProgress } from "./run-progress.ts";
import { factsOf, writtenStage } from "./facts.ts";
import { reportOf, sentSomething, workOf } from "./progress-report.ts";
import { marginNow } from "../stage/stage-facts.ts";
import { enqueueAgainMs } from "../files/parse-again.ts";
import { recheckSome } from "./live-step.ts";
import { releaseProven } from "../files/apply-live-size-proof.ts";
import { holdYoung, wakeWaiting } from "../files/live-waiting.ts";
import { listSome } from "./list-step.ts";
import { openPass } from "../files/open-pass.ts";
import { enterStage, logStage } from "../stage/enter-stage.ts";
import { presentNotice } from "../stage/stage-notice.ts";
import { persistPace } from "../receiver/pace.ts";
import { packPrefix } from "../files/packs.ts";
import { trialOf } from "../files/storage-trial.ts";
import { trialBegun } from "../context/storage-outage.ts";
import { limitsOf } from "../context/limits.ts";
import { nextWrite, withWriting } from "../proof/archive.ts";
import { inheritCursor, takeInherited } from "../files/inherit.ts";
import { compareTurn, takePlanned } from "../files/compare-plan.ts";
import { hashTurn } from "../files/hash-plan.ts";
import { planOf } from "../context/plan-state.ts";
import { deleteSuperfluous } from "../proof/evidence-generations.ts";
import { verifyTurn } from "../proof/verify.ts";
import { bulkTurn } from "../operator/bulk-commands.ts";
import { BULK_WORK } from "../operator/bulk-work.ts";
import { askForSlot, slotRefused } from "../sending/slot.ts";
import type { Step } from "./plan.ts";
import type { Ports } from "../context/ports.ts";
import { reclaimLeases } from "../sending/send-verbs.ts";

/** `context` returns a fresh context for each synchronous block, because time passes during an await. */
export async function carryOut(step: Step, context: () => RunContext, ports: Ports): Promise<void> {
  const run = started(context());
  if (!run) return;
  const runId = run.row.run_id;
  switch (step.do) {
    case "reclaim_leases":
      return reclaimLeases(context(), Math.random);
    case "log_progress":
      return logProgress(context(), run, writtenStage(run.row));
    case "enter_stage":
      return enterStage(context());
    case "begin_pass":
    case "inspect":
      return begin(context(), run, step.do === "inspect");
    case "list":
      return listSome(context, ports);
    case "enqueue":
      return enqueue(context, run, ports);
    case "wake_senders":
      context().memory.wakeUps.sent(step.wakeUps, context().now);
      context().store.meter.add({ queueMessages: step.wakeUps });
      return ports.wakeSenders(runId, step.wakeUps);
    case "cleanup_ready":
      context().store.run.update({ cleanup_state: "ready" });
      return;
    case "delete":
      return deletePage(context, run, ports);
    case "wake_waiting":
      return wakeWaiting(context());
    case "release_proven":
      return releaseProven(context());
    case "list_markers":
      return recheckSome(context, ports);
    case "bulk":
      return bulkTurn(context(), BULK_WORK);
    case "verify":
      verifyTurn(context(), run.row.verify_asked_by ?? "system");
      return;
    case "inherit": {
      const cursor = inheritCursor(run);
      if (!cursor) return;
      takeInherited(context(), cursor.run, await ports.inheritance(cursor.run, cursor.after));
      return;
    }
    case "look_at_slot": {
      const sendingRun = await ports.sendingRun(run.row.run_id);
      context().memory.sendingRunCache.store(sendingRun, context().now);
      return;
    }
    case "copy_plan": {
      const state = planOf(run.row);
      if (state?.kind !== "copying" || !run.spec.plan) return;
      takePlanned(context(), state.after, await ports.planned(run.spec.plan.run, state.after));
      return;
    }
    case "compare_plan":
      return compareTurn(context());
    case "hash_plan":
      return hashTurn(context());
    case "archive": {
      const writing = withWriting(context(), run);
      const write = nextWrite(context(), writing);
      await ports.putReport(write.key, write.body);
      // An operator may have changed the ledger during the put. Then the run writes the evidence again from the
      // beginning.
      if (started(context())?.row.archive_json === writing.row.archive_json) {
        const { store } = context();
        store.transaction(() => {
          store.run.update({ archive_json: JSON.stringify(write.next) });
          if (write.next.done && write.next.generation !== null)
            store.reports.complete(write.next.generation);
        });
      }
      return;
    }
    case "delete_report":
      return deleteSuperfluous(context, runId, ports);
    case "acquire_slot": {
      const slot = await askForSlot(context, () => ports.acquireSlot(runId));
      if (!slot.ok) slotRefused(context(), slot);
      return;
    }
    case "release_slot": {
      const { slot_fence } = run.row;
      context().store.run.update({ slot: "releasing" });
      const lastPermitEnd = Math.ceil(persistPace(context().memory.limiter.pace).newestUntil);
      await ports.releaseSlot(runId, slot_fence, lastPermitEnd, sentSomething(context().store.totals.read()));
      if (started(context())?.row.slot_fence === slot_fence) context().store.run.update({ slot: "none" });
      return;
    }
    case "notify": {
      const { store, now } = context();
      const row = store.outbox.due(now);
      if (!row) return;
      await ports.notify(presentNotice(context(), run, row));
      context().store.outbox.handed(row.event, context().now);
      return;
    }
    case "report": {
      const facts = factsOf(context(), run);
      const report = reportOf(run, facts.written, context().store.totals.read(), facts.report.finished);
      const work = workOf(run, facts.written, context().store.meter.now(), context().now);
      await ports.report({ ...report, work });
      context().store.run.update({ reported_at: context().now, reported_json: JSON.stringify(report) });
      return;
    }
  }
}

function begin(context: RunContext, run: StartedRun, inspect: boolean): void {
  const marginMs = marginNow(run, context.store.totals.read());
  context.store.transaction(() => {
    openPass(context, run, { ...run.listing, marginMs, mode: inspect ? "inspect" : "take" });
    if (inspect) context.store.run.update({ cleanup_state: "inspecting" });
  });
}

/** The file row is written before the message is sent. A lost message is sent again later. Otherwise a crash
 * between message and row would send the message twice. */
async function enqueue(context: () => RunContext, run: StartedRun, ports: Ports): Promise<void> {
  const { store, now } = context();
  const file = store.enqueueing.nextToEnqueue(now);
  if (!file || holdYoung(context(), run, file)) return;
  const { storage } = context().memory;
  if (storage.parse !== null) storage.parse = trialBegun(storage.parse, trialOf(file.file), now);
  store.meter.add({ queueMessages: 1 });
  const times_enqueued = file.times_enqueued + 1;
  store.transaction(() => {
    store.files.update(file.file, { times_enqueued, enqueue_at: now + enqueueAgainMs(times_enqueued) });
    const { rate } = limitsOf(run.row);
    if (rate !== "auto") store.run.update({ next_enqueue_at: now + Math.ceil(60_000 / rate) });
  });
  await ports.enqueue(run.row.run_id, file.file);
}

/** Lists some of the run's own packs and deletes them. The deletion is complete only when a later listing finds no
 * pack. */
async function deletePage(context: () => RunContext, run: StartedRun, ports: Ports): Promise<void> {
  const { store } = context();
  if (run.row.cleanup_state !== "deleting") store.run.update({ cleanup_state: "deleting" });
  for (const upload of store.uploads(50)) {
    await ports.abortUpload(upload.key, upload.upload_id);
    store.forgetUpload(upload.upload_id);
  }
  const keys = await ports.ownKeys(packPrefix(run.row.run_id));
  if (keys.length > 0) return ports.deleteKeys(keys);
  const after = context();
  const totals = after.store.totals.read();
  if (totals.files_parsing > 0 || after.store.uploads(1).length > 0) return;
  const ended = started(after);
  const isDelivered = ended?.row.stage === "sent_waiting_cleanup";
  after.store.run.update({
    cleanup_state: "done",
    ...(isDelivered && { stage: "cleaned", stage_since: after.now, ended_at: after.now }),
  });
  after.store.addEvent({ at: after.now, actor: "system", kind: "cleaned", detail: {} });
  if (ended && isDelivered) logStage(after, ended, "cleaned", null);
}
