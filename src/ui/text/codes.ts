// Explains the codes of the API. If the dictionary does not have a code, the code itself is shown.
import type { RunStatusAnswer } from "../../contract/api/api-types.ts";
import type { Problem } from "../api/problem.ts";
import { receiverFault } from "./receiver-fault.ts";
import { texts, type Texts } from "./texts.ts";

/** What happened, and what to do next. */
export type Explained = readonly [meaning: string, next: string];

function explain(table: Readonly<Record<string, Explained>>, code: string): Explained | null {
  return Object.hasOwn(table, code) ? (table[code] ?? null) : null;
}

/** A code of a run's `state_reason`. */
export function explainReason(code: string): Explained | null {
  return explain(texts.value.reasons, code);
}

/** The reason of a run. A run that skips what the live worker delivered may find nothing to send because nothing is
 * missing. */
export function explainRun({
  state_reason: reason,
  lines,
}: Pick<RunStatusAnswer, "state_reason" | "lines">): Explained | null {
  if (reason === null) return null;
  const isDelivered = reason.code === "empty_window" && lines.dropped.delivered_live > 0;
  return isDelivered ? texts.value.run.allDeliveredLive : explainReason(reason.code);
}

/** Explains the code of a problem. The texts of most codes are loaded with the first refusal. Before that, and if the
 * dictionary does not have the code, the detail from the API is shown. */
export function explainProblem(problem: Problem): Explained {
  const { code, detail } = problem;
  const { problems, moreProblems, receiverProblems }: Partial<Texts> = texts.value;
  const ofReceiver = receiverProblems && receiverFault(problem);
  if (ofReceiver) return receiverProblems[ofReceiver];
  return explain({ ...problems, ...moreProblems }, code) ?? [detail, ""];
}

/** The word for a code. The code itself when the table does not have it. */
export function word(table: Readonly<Record<string, string>>, code: string): string {
  return Object.hasOwn(table, code) ? (table[code] ?? code) : code;
}

export const stageWord = (code: string): string => word(texts.value.states.stages, code);
export const fileWord = (code: string): string => word(texts.value.states.files, code);
export const batchWord = (code: string): string => word(texts.value.states.batches, code);
export const windowWord = (code: string): string => word(texts.value.states.windows, code);
export const cellWord = (letter: string): string => word(texts.value.states.cells, letter);

/** A code of the status's `warnings`, and a command of `commands_under_way`. */
export const warningWord = (code: string): string => word(texts.value.run.warnings, code);
export const commandWord = (code: string): string => word(texts.value.run.commands, code);
