// Computes how much of the run's work is settled, and how long the remaining work takes. Does no I/O.
import type { SendRange } from "../../../src/contract/send-hours.ts";
import { endOfWork } from "../receiver/send-hours.ts";
import type { Totals } from "../ledger/totals.ts";
import { matchedFiles } from "./stage-facts.ts";
import type { StageNow } from "./stages.ts";

/** The share of the known work that is settled, from 0 to 1. The share is 1 only for a delivered run and for a
 * counted dry run. A file that is not parsed yet counts as an average parsed file. */
export function progressOf(t: Totals, { stage }: StageNow, listingFinal: boolean): number {
  if (isDelivered(stage) || stage === "counted") return 1;
  const expected = t.kept + (expectedOfUnparsed(t) ?? 0);
  if (expected === 0) return 0;
  const share = (t.lines_done + t.lines_discarded) / expected;
  return Math.min(listingFinal ? 0.999 : 0.99, Math.floor(share * 1_000) / 1_000);
}

/** The lines of the whole run, to which shares should refer while files are not parsed yet. Null while no file is
 * parsed. */
export function expectedLines(t: Totals): number | null {
  const unparsed = expectedOfUnparsed(t);
  return unparsed === null ? null : Math.round(t.kept + unparsed);
}

/** What interrupts the sending of a run. */
export interface Rests {
  now: number;
  /** Null: the run sends at any time. */
  hours: readonly SendRange[] | null;
  linesLeftToday: number;
}

/** How many seconds the remaining work takes. Null: no forecast is possible, for example because the run does not
 * send. */
export function etaSeconds(
  t: Totals,
  { stage }: StageNow,
  linesPerSecond: number,
  rests: Rests | null = null,
): number | null {
  if (isDelivered(stage)) return 0;
  if (stage !== "scanning_and_queueing" && stage !== "sending") return null;
  const unparsed = expectedOfUnparsed(t);
  if (linesPerSecond <= 0 || unparsed === null) return null;
  const unleased = t.lines_pending + unparsed;
  const seconds = Math.ceil((unleased + t.lines_leased) / linesPerSecond);
  if (rests === null) return seconds;
  // There is no forecast beyond today. How many lines are sent on the next days is not known.
  if (unleased > rests.linesLeftToday) return null;
  const endsAt = rests.hours ? endOfWork(rests.hours, rests.now, seconds * 1_000) : null;
  if (rests.hours && endsAt === null) return null;
  return endsAt === null ? seconds : Math.ceil((endsAt - rests.now) / 1_000);
}

export function isDelivered(stage: StageNow["stage"]): boolean {
  return stage === "sent_waiting_cleanup" || stage === "cleaned";
}

/** Lines that the files not parsed yet may contain. Null while no file is parsed. */
function expectedOfUnparsed(t: Totals): number | null {
  const unparsed = t.files_listed + t.files_parsing;
  const parsed = matchedFiles(t) - unparsed;
  return parsed === 0 ? null : (t.kept / parsed) * unparsed;
}
