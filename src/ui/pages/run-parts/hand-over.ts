// Writes the text that a person hands to an auditor with the evidence: which run, which window, which numbers, the head
// of the chain, and how to verify the archive. Every instant is written in both zones.
import type { RunStatusAnswer } from "../../../contract/api/api-types.ts";
import { count, UNKNOWN } from "../../text/numbers.ts";
import { texts } from "../../text/texts.ts";
import { zonedInstant } from "../../text/windows.ts";
import { twiceRows, twiceVerdict } from "../run/twice-rows.ts";
import { readSum } from "./read-sum.ts";

export function archiveName(run: string): string {
  return `${run}-evidence.zip`;
}

/** `separator` joins the two commands: a line end for reading, or " && " for one paste into a shell. */
export function verifyCommand(
  { id, report }: Pick<RunStatusAnswer, "id" | "report">,
  separator: string,
): string {
  return [
    `unzip ${archiveName(id)} -d evidence`,
    `node evidence/verify-evidence.mjs evidence ${report.head ?? ""}`,
  ].join(separator);
}

export function handOverText(run: RunStatusAnswer): string {
  const t = texts.value.handOver;
  const { start, end, interval } = run.window;
  const rows: [name: string, value: string][] = [
    [t.run, run.id],
    [t.window, `${bothZones(start)} – ${bothZones(end)} ${interval}`],
    [t.delivered, run.delivered_at === null ? UNKNOWN : bothZones(run.delivered_at)],
    [t.lines, count(run.log_lines_sent)],
    [t.sum, readSum(run)],
    [t.exceptions, count(run.exceptions)],
    [texts.value.twice.title, twiceVerdict(run).value],
    ...twiceRows(run).map(({ name, value }): [string, string] => [name, value]),
    [t.head, run.report.head ?? UNKNOWN],
    [t.archive, archiveName(run.id)],
  ];
  return [
    t.title,
    "",
    ...rows.map(([name, value]) => `${name}: ${value}`),
    "",
    `${t.verify}:`,
    verifyCommand(run, "\n"),
    t.expected,
  ].join("\n");
}

function bothZones(at: string): string {
  return `${zonedInstant(at, "beijing")} (${zonedInstant(at, "utc")})`;
}
