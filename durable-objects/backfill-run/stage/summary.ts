// A run in one sentence, for people. Does no I/O.
import type { StageNow } from "./stages.ts";
import type { Totals } from "../ledger/totals.ts";

/** `gaps` is the text about parts of the window without a raw file. It may be empty. */
export function summaryOf(stage: StageNow, t: Totals, completeAsOf: number | null, gaps: string): string {
  const sent = `${sentOf(t)} lines delivered${inheritedOf(t)}`;
  const counted = `${grouped(t.kept)} lines counted`;
  const why = stage.reason ? ` (${stage.reason.code}: ${stage.reason.detail})` : "";
  const asOf = completeAsOf === null ? "" : `, complete as of ${new Date(completeAsOf).toISOString()}`;
  switch (stage.stage) {
    case "sent_waiting_cleanup":
    case "cleaned":
      return `delivered${exceptionsOf(t)}: ${sent}${asOf}${gaps}`;
    case "scanning_and_queueing":
      return `${sent}; files are being listed and parsed${why}`;
    case "sending":
      return `${sent}; every file is parsed`;
    case "paused":
      return `paused: ${sent}${why}`;
    case "suspended":
      return `suspended: ${sent}${why}`;
    case "needs_attention":
      return `needs attention: ${sent}${why}`;
    case "aborting":
      return `aborting: ${sent}; leases are still out`;
    case "aborted":
      return `aborted: ${sent}; ${t.uncertain_attempts} attempts stay uncertain${why}`;
    case "counting":
      return `dry run: ${counted}; files are being listed and parsed${why}`;
    case "counted":
      return `dry run: ${counted}; nothing was sent${asOf}${gaps}`;
  }
}

/** A whole number with a comma after each group of three digits. `toLocaleString` takes longer than all of this file. */
function grouped(count: number): string {
  return String(count).replaceAll(/\B(?=(?:\d{3})+$)/g, ",");
}

function sentOf(t: Totals): string {
  return `${grouped(t.lines_done)} of ${grouped(t.kept - t.inherited_lines)}`;
}

/** The text about lines that another run delivered. This run does not send them, so the summary shows them after its
 * own lines. */
function inheritedOf(t: Totals): string {
  if (t.inherited_lines === 0) return "";
  return ` (${grouped(t.inherited_lines)} more by the run that this one continues)`;
}

function exceptionsOf(t: Totals): string {
  return t.exceptions === 0 ? "" : ` with ${t.exceptions} exceptions`;
}
