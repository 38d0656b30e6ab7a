// Writes the sum of all records that a run read: "Records read 100 = Delivered 90 + Malformed 10". Does no I/O.
import type { RunStatusAnswer } from "../../../contract/api/api-types.ts";
import type { DropReason } from "../../../contract/file-counts.ts";
import { count } from "../../text/numbers.ts";
import { texts } from "../../text/texts.ts";

/** Leaves out summands that are 0. Never leaves out the delivered lines, the lines that the live worker delivered,
 * and the malformed lines. */
export function readSum({ lines }: Pick<RunStatusAnswer, "lines">): string {
  const t = texts.value.run;
  const reasons = Object.keys(t.dropped) as DropReason[];
  const parts: [name: string, value: number, isAlways?: true][] = [
    [t.sent, lines.sent, true],
    [t.pending, lines.pending],
    [t.held, lines.held],
    [t.refused, lines.refused],
    [t.discarded, lines.discarded - lines.inherited],
    [t.inherited, lines.inherited],
    [t.dropped.delivered_live, lines.dropped.delivered_live, true],
    ...reasons
      .filter((reason) => reason !== "delivered_live")
      .map((reason): [string, number] => [t.dropped[reason], lines.dropped[reason]]),
    [t.malformed, lines.malformed, true],
  ];
  const shown = parts.filter(([, value, isAlways]) => isAlways || value > 0);
  return `${t.read} ${count(lines.read)} = ${shown.map(([name, value]) => `${name} ${count(value)}`).join(" + ")}`;
}
