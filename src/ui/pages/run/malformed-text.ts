// Writes a text about malformed records that a person can send to the partner. Does no I/O.
import type { MalformedLine, RunStatusAnswer } from "../../../contract/api/api-types.ts";
import { count } from "../../text/numbers.ts";
import { bracketed, named } from "../../text/punctuation.ts";
import { causeWord } from "../../text/row-reason.ts";
import { texts } from "../../text/texts.ts";
import { bothZones } from "../../text/windows.ts";

/** A malformed record of the list, or of the run's status, which has no keys. */
export type ShownRecord = Pick<MalformedLine, "file" | "line" | "reason" | "bytes"> &
  Partial<Pick<MalformedLine, "key">>;

export function malformedText(
  { id, window, lines }: Pick<RunStatusAnswer, "id" | "window" | "lines">,
  shown: readonly ShownRecord[],
): string {
  const t = texts.value.run;
  const words = texts.value.rowReasons;
  const place = ({ file, key, line }: ShownRecord) => words.lineOf(key ?? t.file(String(file)), count(line));
  return [
    words.malformedForPartner(count(lines.malformed), bothZones(window.start), bothZones(window.end)),
    id,
    ...(lines.malformed > shown.length
      ? [words.malformedFirst(count(shown.length), count(lines.malformed))]
      : []),
    ...shown.map((one) => named(bracketed(place(one), causeWord(one.reason)), one.bytes)),
  ].join("\n");
}
