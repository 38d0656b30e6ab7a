// Finds out what a set-aside batch waits for. Not every set-aside batch needs a decision of its own. Does no I/O.
import type { RunStatusAnswer } from "../../contract/api/api-types.ts";
import { BATCHES_FOR_PERSON } from "./row-states.ts";

/** The files that are read so far do not prove the size of the live worker's batches. */
const UNPROVEN = "live_batch_size_unproven";
/** The reason of a batch whose file waits for a decision: `stranded: suspicious`. */
const OF_FILE = /^stranded\b/;

/** size: the batch waits for the proof of the live worker's batch size. file: it waits for the decision about its
 * file. person: it waits for a decision of its own. */
export type WaitsFor = "size" | "file" | "person";

interface SetAside {
  state: string;
  reason: string | null;
}

/** Null: the batch was not set aside. */
export function waitsFor({ state, reason }: SetAside): WaitsFor | null {
  if (!BATCHES_FOR_PERSON.includes(state)) return null;
  if (state !== "held" || reason === null) return "person";
  if (reason.includes(UNPROVEN)) return "size";
  return OF_FILE.test(reason) ? "file" : "person";
}

/** The states of batches that need a person. Held batches do not need a person while each listed held batch waits
 * for something else. `problems` contains only the first 100 rows, so the page cannot count exactly. */
export function batchesForPerson({ problems }: Pick<RunStatusAnswer, "problems">): string[] {
  const held = problems.filter(({ kind, state }) => kind === "batch" && state === "held");
  const onlyWait = held.length > 0 && held.every((problem) => waitsFor(problem) !== "person");
  return BATCHES_FOR_PERSON.filter((state) => state !== "held" || !onlyWait);
}

/** Whether "Retry all" changes anything. It parses failed and missing files again, and sends refused and held batches
 * again. It does not touch suspicious and changed files. */
export function helpsToRetry({ problems }: Pick<RunStatusAnswer, "problems">): boolean {
  return problems.some((problem) =>
    problem.kind === "file"
      ? problem.state === "failed" || problem.state === "missing"
      : waitsFor(problem) === "person",
  );
}

/** The batches that were sent at least once. A batch can be held before it is sent. */
export function wereSent<Batch extends { attempts: number }>(batches: readonly Batch[]): Batch[] {
  return batches.filter(({ attempts }) => attempts > 0);
}
