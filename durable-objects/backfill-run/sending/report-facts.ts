// Reads the rows that the decision about a send report needs. The rows are read after the verdict is known, so an
// ordinary 2xx reads only its batch and its attempt. Writes nothing.
import type { SendReport } from "../../../src/contract/sending.ts";
import { rootOf } from "../batches/split.ts";
import type { RunContext, StartedRun } from "../context/context.ts";
import { receiverPrint } from "../context/suspension.ts";
import type { AttemptRow } from "../ledger/attempt-row.ts";
import type { BatchRow } from "../ledger/batch-row.ts";
import type { FileRow } from "../ledger/file-rows.ts";
import type { DeliveryFacts, PartFacts } from "./decide-delivery.ts";
import type { ReportVerdict } from "./judge-report.ts";
import type { Found } from "./reported.ts";

/** The run, the report and the receiver that a verdict is about. */
interface Subject {
  run: StartedRun;
  batch: BatchRow;
  report: SendReport;
}

export function factsFor(
  context: RunContext,
  { run, batch, report }: Subject,
  verdict: ReportVerdict,
): Found {
  switch (verdict.kind) {
    case "repeated":
    case "unusual":
      return verdict;
    case "delivered":
      return { ...verdict, delivery: deliveryFacts(context, batch), print: receiverFingerprint(run, report) };
    case "partial":
      return { ...verdict, root: rootOf(context, batch), print: receiverFingerprint(run, report) };
    case "refused":
      return { ...verdict, root: rootOf(context, batch) };
    case "uncertain":
      return { ...verdict, file: fileOf(context, batch), isLastOpen: isLastOpen(context) };
    case "not_delivered":
    case "pack_lost":
      return { ...verdict, file: fileOf(context, batch) };
  }
}

export function deliveryFacts(context: RunContext, batch: BatchRow): DeliveryFacts {
  const { attempts, batches, leases } = context.store;
  const leaseEnd = leases.endOf(batch.batch);
  if (batch.state !== "split")
    return { leaseEnd, resolved: resolvedOf(context, batch), wasDelivered: false, parts: [] };
  return {
    leaseEnd,
    resolved: [],
    wasDelivered: attempts.of(batch.batch).some(({ state }) => state === "done"),
    parts: batches.partsOf(batch.batch).map((part) => partFacts(context, part)),
  };
}

function partFacts(context: RunContext, batch: BatchRow): PartFacts {
  const { attempts, leases } = context.store;
  const attempt = batch.done_attempt ?? batch.attempt;
  const delivery = batch.state === "done" ? (attempts.get(batch.batch, attempt) ?? null) : null;
  return { batch, delivery, resolved: resolvedOf(context, batch), leaseEnd: leases.endOf(batch.batch) };
}

/** Only a batch that an operator settled has such attempts, so an ordinary 2xx does not read them. */
function resolvedOf(context: RunContext, { batch, state, done_attempt }: BatchRow): AttemptRow[] {
  if (state !== "done" || done_attempt !== null) return [];
  return context.store.attempts.of(batch).filter((row) => row.state === "resolved");
}

/** Fingerprint of the receiver that the sender posted to. When the run has stored the fingerprint of its receiver, no
 * hash is computed. */
function receiverFingerprint({ row }: StartedRun, { receiver }: SendReport): string {
  if (row.receiver_print !== null) return row.receiver_print;
  const [endpoint = "", uri = ""] = receiver.split("\n");
  return receiverPrint(row, endpoint, uri);
}

/** Whether no other batch is pending or leased. */
function isLastOpen(context: RunContext): boolean {
  const { batches_pending: pending, batches_leased: leased } = context.store.totals.read();
  return pending + leased <= 1;
}

export function fileOf(context: RunContext, batch: BatchRow): FileRow {
  const file = context.store.files.get(batch.file);
  if (!file) throw new Error(`file ${batch.file} is missing`);
  return file;
}
