// The input of a decision about one send report: the report, its batch and attempt, and the rows that the verdict needs.
// Plain data. report-facts.ts reads the rows.
import type { SendReport } from "../../../src/contract/sending.ts";
import type { AttemptRow } from "../ledger/attempt-row.ts";
import type { BatchRow } from "../ledger/batch-row.ts";
import type { FileRow } from "../ledger/file-rows.ts";
import type { DeliveryFacts } from "./decide-delivery.ts";
import type { ReceiverState, ReportVerdict } from "./judge-report.ts";

/** What the operator chose for this run. */
export interface SendPolicy {
  onUncertain: "resend" | "hold";
  onRefused: "keep" | "split";
  /** True: the partner accepts either all lines or no line of a batch. */
  refusalIsAtomic: boolean;
}

export interface Reported {
  report: SendReport;
  batch: BatchRow;
  /** The row of the reported attempt. An ordinary attempt has no row. */
  prior: AttemptRow | null;
  receiver: ReceiverState;
  policy: SendPolicy;
  /** Epoch milliseconds. */
  now: number;
  /** A random number in [0, 1). It jitters the wait before a retry. */
  random: number;
}

/** Whether the report is current: its batch is leased to its attempt. Any other report is late. */
export function isCurrent({ batch, report }: Pick<Reported, "batch" | "report">): boolean {
  return batch.state === "leased" && batch.attempt === report.attempt;
}

type Of<Kind extends ReportVerdict["kind"]> = Extract<ReportVerdict, { kind: Kind }>;

/** A verdict with the rows that its decision needs. */
export type Found =
  | Of<"repeated">
  | Of<"unusual">
  /** `print` is the fingerprint of the receiver that the sender posted to, or the frozen fingerprint. */
  | (Of<"delivered"> & { delivery: DeliveryFacts; print: string })
  /** `print` is as in `delivered`, and `root` is as in `refused`. */
  | (Of<"partial"> & { root: BatchRow; print: string })
  /** `root` is the batch that was split first. A batch that is no part is its own root. */
  | (Of<"refused"> & { root: BatchRow })
  /** `isLastOpen`: no other batch is pending or leased. */
  | (Of<"uncertain"> & { file: FileRow; isLastOpen: boolean })
  | (Of<"not_delivered"> & { file: FileRow })
  | (Of<"pack_lost"> & { file: FileRow });
