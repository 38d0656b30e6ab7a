// Writes the text that a person hands to an auditor with the evidence: which run, which window, which numbers, the head
// of the chain, and how to verify the archive. Every instant is written in both zones.
import type { RunStatusAnswer } from "../../../contract/api/api-types.ts";
import { VERIFIER_SHA256 } from "../../verify/verifier-checksum.ts";
import { answerOf } from "../../state/canary-notes.ts";
import { FIRST_RECEIVER } from "../../state/receiver-names.ts";
import { count, UNKNOWN } from "../../text/numbers.ts";
import { mark, named, sentences } from "../../text/punctuation.ts";
import { texts } from "../../text/texts.ts";
import { bothZones } from "../../text/windows.ts";
import { twiceRows, twiceVerdict } from "../run/twice-rows.ts";
import { meaningOf, provenNumbers } from "./proven.ts";
import { readSum } from "./read-sum.ts";

export function archiveName(run: string): string {
  return `${run}-evidence.zip`;
}

/** `separator` joins the commands: a line end for reading, or " && " for one paste into a shell. */
export function verifyCommand(
  { id, report }: Pick<RunStatusAnswer, "id" | "report">,
  separator: string,
): string {
  return [
    `unzip ${archiveName(id)} -d evidence`,
    // A person who changed the archive could also change the script in it.
    `echo "${VERIFIER_SHA256}  evidence/verify-evidence.mjs" | sha256sum -c`,
    `node evidence/verify-evidence.mjs evidence ${report.head ?? ""}`,
  ].join(separator);
}

/** The numbers about which the text says what they prove. */
const MAIN: ReadonlySet<string> = new Set([
  "sent",
  "read",
  "malformed",
  "duplicate",
  "possible",
  "uncertain",
  "assumed",
  "exceptions",
  "repeated",
  "untracked",
]);

/** `note`: the note with which an operator released the canary. Null: not known. */
export function handOverText(run: RunStatusAnswer, note: string | null): string {
  const t = texts.value.handOver;
  const { start, end, interval } = run.window;
  const rows: [name: string, value: string][] = [
    [t.run, run.id],
    [t.outcome, outcomeText(run)],
    ...continuedRow(run),
    [t.receiver, receiverText(run)],
    [t.window, bothZones(start) + mark("range") + bothZones(end) + mark("semicolon") + interval],
    [t.delivered, run.delivered_at === null ? UNKNOWN : bothZones(run.delivered_at)],
    [t.lines, count(run.log_lines_sent)],
    [t.sum, readSum(run)],
    [t.accepted, t.acceptedMeans],
    ...(run.lines.malformed > 0
      ? [[t.malformed, t.malformedOf(count(run.lines.malformed))] as [string, string]]
      : []),
    ...leftOutRow(run),
    ...acceptedFilesRow(run),
    [t.exceptions, count(run.exceptions)],
    ...(note === null ? [] : [[t.canary, answerText(note)] as [string, string]]),
    [texts.value.twice.title, twiceVerdict(run).value],
    ...twiceRows(run).map(({ name, value }): [string, string] => [name, value]),
    [t.head, run.report.head ?? UNKNOWN],
    [t.archive, archiveName(run.id)],
  ];
  return [
    t.title,
    "",
    ...rows.map(([name, value]) => named(name, value)),
    "",
    ...provenText(run),
    "",
    named(t.verify, "").trim(),
    verifyCommand(run, "\n"),
    t.expected,
  ].join("\n");
}

function outcomeText({ delivery_completed, exceptions, stage_code, lines }: RunStatusAnswer): string {
  const t = texts.value.handOver.outcomeOf;
  if (delivery_completed) return exceptions === 0 ? t.delivered : t.exceptions(count(exceptions));
  const { pending, held, refused, discarded, inherited } = lines;
  return t.open(
    texts.value.states.stages[stage_code],
    count(pending + held + refused + discarded - inherited),
  );
}

function continuedRow({ continue_of: earlier, lines }: RunStatusAnswer): [name: string, value: string][] {
  const t = texts.value.handOver;
  return earlier === null ? [] : [[t.continues, t.continuesOf(earlier, count(lines.inherited))]];
}

function acceptedFilesRow({ files }: RunStatusAnswer): [name: string, value: string][] {
  const t = texts.value.handOver;
  return files.accepted === 0 ? [] : [[t.acceptedFiles, t.acceptedFilesOf(count(files.accepted))]];
}

/** The kind of the first receiver, as the page shows it, or the name of another receiver. */
function receiverText({ receiver, spec }: RunStatusAnswer): string {
  return receiver === FIRST_RECEIVER ? (spec.receiver?.kind ?? "ctyun") : receiver;
}

function leftOutRow({ live }: RunStatusAnswer): [name: string, value: string][] {
  const leftOut = live?.outside_not_delivered;
  if (!leftOut) return [];
  const t = texts.value.handOver;
  const { before, after, first, last } = leftOut;
  return [[t.leftOut, t.leftOutOf(count(before + after), bothZones(first), bothZones(last))]];
}

/** The operator's answer in the words of the page, with the rest of the note. */
function answerText(note: string): string {
  const found = answerOf(note);
  if (found === null) return note;
  return sentences(`${texts.value.canary[found.answer]}${mark("stop")}`, found.rest);
}

function provenText(run: RunStatusAnswer): string[] {
  const t = texts.value.evidence;
  const numbers = provenNumbers(run).filter(({ key }) => MAIN.has(key));
  const list = (part: 0 | 1) =>
    numbers.map((number) => `- ${named(t.numbers[number.key].name, meaningOf(number)[part])}`);
  return [named(t.proves, "").trim(), ...list(0), named(t.provesNot, "").trim(), ...list(1)];
}
