// Turns one record into one line of JSON, for receivers that get records and not lines of a format. Never drops a record.

import type { RecordForm, RecordMember } from "../../contract/receivers.ts";
import { rawNumber } from "../raw-token.ts";
import { toBinary } from "../utf8.ts";
import { jsonText } from "./json-text.ts";
import type { LogRecord } from "./log-record.ts";

/** `line` is the text of the record as it was read. The result ends in LF. */
export type PrintRecord = (record: LogRecord, line: string, escapedLetters: boolean) => string;

/** The printers of one form, for records of decoded texts and of binary strings. */
export function recordPrinters(form: RecordForm): { decoded: PrintRecord; binary: PrintRecord } {
  if (form === "whole") {
    const whole: PrintRecord = (_record, line) => oneLine(line);
    return { decoded: whole, binary: whole };
  }
  const members = form.map(([name, source]): RecordMember => [`${JSON.stringify(name)}:`, source]);
  const binaryMembers = members.map(([name, source]): RecordMember => [toBinary(name), toBinary(source)]);
  return {
    decoded: (record, line, escapedLetters) => chosen(members, record, line, escapedLetters),
    binary: (record, line, escapedLetters) => chosen(binaryMembers, record, line, escapedLetters),
  };
}

/** The original text. A record may span several raw lines. The line ends inside it are white space between its
 * tokens, because a JSON string contains no line end. */
function oneLine(line: string): string {
  return line.includes("\n") || line.includes("\r") ? `${line.replaceAll(/[\r\n]/g, " ")}\n` : `${line}\n`;
}

/** `members`: each with its name as JSON text and a colon. A member that the record does not have is left out. */
function chosen(
  members: readonly RecordMember[],
  record: LogRecord,
  line: string,
  escapedLetters: boolean,
): string {
  const all = record as Readonly<Record<string, unknown>>;
  let text = "";
  for (const [name, source] of members) {
    if (!Object.hasOwn(all, source)) continue;
    const value = all[source];
    // JSON.parse rounds integers of more than 15 digits, such as instants in nanoseconds.
    const isExact = typeof value !== "number" || Number.isSafeInteger(value);
    text += `${text === "" ? "" : ","}${name}${isExact ? jsonText(value) : rawNumber(line, source, escapedLetters)}`;
  }
  return `{${text}}\n`;
}
