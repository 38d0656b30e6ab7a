// Writes a text about batches that a person can send to the partner: what was sent, when, and what the receiver
// answered. Every instant is written in both zones.
import type { BatchItem, RunStatusAnswer } from "../../../contract/api/api-types.ts";
import { batchWord } from "../../text/codes.ts";
import { count, UNKNOWN } from "../../text/numbers.ts";
import { causeWord, rowReason } from "../../text/row-reason.ts";
import { bracketed, mark, named } from "../../text/punctuation.ts";
import { texts } from "../../text/texts.ts";
import { bothZones } from "../../text/windows.ts";

/** A text about several batches, which asks the partner to check them. */
export function partnerTextOf(
  run: Pick<RunStatusAnswer, "id" | "window">,
  batches: readonly BatchItem[],
): string {
  const question = texts.value.run.partnerQuestion(count(batches.length));
  return [question, ...batches.map((batch) => partnerText(run, batch))].join("\n\n");
}

export function partnerText(run: Pick<RunStatusAnswer, "id" | "window">, batch: BatchItem): string {
  const t = texts.value.batchFacts;
  const rows: [name: string, value: string][] = [
    [t.batch, bracketed(String(batch.batch), run.id)],
    [t.window, bothZones(run.window.start) + mark("range") + bothZones(run.window.end)],
    [t.state, stateText(batch)],
    [t.lines, count(batch.lines)],
    [t.rawBytes, count(batch.bytes.raw)],
    [t.gzipBytes, count(batch.bytes.gzip)],
    [t.digest, batch.digest],
    [t.firstRay, batch.first_ray_id || UNKNOWN],
    [t.lastRay, batch.last_ray_id || UNKNOWN],
    [t.answer, batch.answer_status === null ? UNKNOWN : `HTTP ${batch.answer_status}`],
    [t.doneAt, batch.done_at === null ? UNKNOWN : bothZones(batch.done_at)],
    [t.attempts, count(batch.attempts)],
  ];
  const attempts = batch.exceptional_attempts.map(
    ({ attempt, state, cause, detail, started_at, ended_at }): [string, string] => [
      `${t.attempt} ${attempt}`,
      [
        t.attemptStates[state],
        detail === null ? causeWord(cause) : bracketed(causeWord(cause), detail),
        (started_at === null ? UNKNOWN : bothZones(started_at)) + mark("range") + bothZones(ended_at),
      ].join(mark("semicolon")),
    ],
  );
  return [...rows, ...attempts].map(([name, value]) => named(name, value)).join("\n");
}

function stateText({ state, reason }: BatchItem): string {
  return reason === null ? batchWord(state) : named(batchWord(state), rowReason(state, reason) ?? reason);
}
