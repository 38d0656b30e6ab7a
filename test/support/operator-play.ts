// Shared steps of the operator tests: open a run with given options, give the run a command, read its audit trail.
import { expect } from "vitest";
import type { EventView } from "../../src/contract/views.ts";
import type { OperatorAnswer, OperatorCommand } from "../../src/contract/operator.ts";
import type { RunSpec } from "../../src/contract/run.ts";
import { claim, entriesOf, manifestOf, putLogs } from "./run-work.ts";
import type { RunUnderTest } from "./run-under-test.ts";

export const ACTOR = "li.wei";
type Without<T> = T extends unknown ? Omit<T, "actor" | "note"> : never;

/** Like `opened`, with options for the specification. */
export async function openedAs(
  run: RunUnderTest,
  files: readonly (readonly number[])[],
  over: Partial<RunSpec>,
): Promise<void> {
  await putLogs(run, files.length);
  await run.start(over);
  await run.settle();
  for (const [n, lines] of files.entries()) await openFile(run, n + 1, lines);
  await run.settle();
}

export async function openFile(
  run: RunUnderTest,
  file: number,
  lines: readonly number[],
  salt = `f${file - 1}-`,
): Promise<void> {
  const { attempt } = await claim(run, file);
  expect(await run.api.queued(manifestOf(file, attempt, entriesOf(lines, salt)))).toMatchObject({ ok: true });
}

export function act(
  run: RunUnderTest,
  command: Without<OperatorCommand>,
  note: string | null = null,
): Promise<OperatorAnswer> {
  return run.api.operate({ ...command, actor: ACTOR, note });
}

export async function acted(
  run: RunUnderTest,
  command: Without<OperatorCommand>,
  note: string | null = null,
): Promise<Extract<OperatorAnswer, { ok: true }>> {
  const answer = await act(run, command, note);
  if (!answer.ok) throw new Error(`${answer.code}: ${answer.detail}`);
  return answer;
}

export async function eventsOf(run: RunUnderTest, kind: string): Promise<EventView[]> {
  const answer = await run.api.listEvents({ states: [], cursor: null, limit: 1_000 });
  if (!answer.ok) throw new Error(answer.code);
  return answer.page.items.filter((event) => event.kind === kind);
}

/** The state and lines of each batch, by the number of the batch. */
export async function statesOf(run: RunUnderTest): Promise<Record<number, string>> {
  const rows = await run.rows<{ batch: number; state: string }>(
    "SELECT batch, state FROM batches ORDER BY batch",
  );
  return Object.fromEntries(rows.map(({ batch, state }) => [batch, state]));
}

/** Returns every row that a command could change. A test compares them before and after a refused command. */
export async function everyRow(run: RunUnderTest): Promise<unknown> {
  const tables = ["run", "totals", "files", "batches", "attempts", "events"];
  const rows = await Promise.all(tables.map((table) => run.rows(`SELECT * FROM ${table}`)));
  // The newest clock reading and the count of billed operations change with every call. They are not compared.
  const text = JSON.stringify(rows)
    .replaceAll(/\\"seenNow\\":\d+,/g, "")
    .replaceAll(/"work_json":"(?:[^"\\]|\\.)*"/g, '"work_json":""');
  return JSON.parse(text);
}
