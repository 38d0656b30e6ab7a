// Finds out what a set-aside batch waits for. Not every set-aside batch needs a decision of its own. Does no I/O.
import type { RunStatusAnswer } from "../../contract/api/api-types.ts";
import { BATCHES_FOR_PERSON, batchTone } from "./row-states.ts";
import type { Tone } from "./run-stage.ts";

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

/** What a held or refused batch waits for. Null: the batch was not set aside. */
export function waitsFor({ state, reason }: SetAside): WaitsFor | null {
  if (!BATCHES_FOR_PERSON.includes(state)) return null;
  if (state !== "held" || reason === null) return "person";
  if (reason.includes(UNPROVEN)) return "size";
  return OF_FILE.test(reason) ? "file" : "person";
}

/** The API lists at most this many problems. */
export const MOST_PROBLEMS = 100;

/** What the listed set-aside batches of a run wait for. `isAll` false: the run has more of them than the API lists. */
export interface Waits {
  counts: Record<WaitsFor, number>;
  isAll: boolean;
}

export function waitsOf({ problems }: Pick<RunStatusAnswer, "problems">): Waits {
  const counts = { size: 0, file: 0, person: 0 };
  for (const problem of problems) {
    const waits = problem.kind === "batch" ? waitsFor(problem) : null;
    if (waits !== null) counts[waits] += 1;
  }
  return { counts, isAll: problems.length < MOST_PROBLEMS };
}

/** The colour of a batch. A batch that waits for the proof of the size of the live worker's batches needs no person. */
export function toneOfBatch(batch: SetAside): Tone {
  return waitsFor(batch) === "size" ? "idle" : batchTone(batch.state);
}

/** The colour of the held lines of a run. */
export function heldTone(run: Pick<RunStatusAnswer, "problems">): Tone {
  const { counts, isAll } = waitsOf(run);
  return isAll && counts.size > 0 && counts.file + counts.person === 0 ? "idle" : batchTone("held");
}

type Counted = Pick<RunStatusAnswer, "problems" | "files" | "batches">;

/** The states of batches that need a person, and how many such batches there are at least. Held batches do not need one
 * while each of them waits for something else. */
export function batchesForPerson(run: Counted): { states: string[]; atLeast: number; isExact: boolean } {
  const { counts, isAll } = waitsOf(run);
  const onlyWait = isAll && run.batches.held > 0 && counts.person <= run.batches.refused;
  const states = BATCHES_FOR_PERSON.filter((state) => state !== "held" || !onlyWait);
  return { states, atLeast: Math.max(counts.person, run.batches.refused), isExact: isAll };
}

/** Whether "Retry all" changes anything. It parses failed and missing files again, and sends refused and held batches
 * again. It does not touch suspicious and changed files. */
export function helpsToRetry(run: Counted): boolean {
  const { files, batches } = run;
  if (files.failed + files.missing + batches.refused > 0) return true;
  const { counts, isAll } = waitsOf(run);
  return counts.person > 0 || (!isAll && batches.held > 0);
}

/** Whether a held batch may have arrived, so that the partner must be asked before it is sent again. */
export function mayHaveArrived(run: Counted): boolean {
  const isKnown = run.problems.some(({ state, attempts }) => state === "held" && attempts > 0);
  return isKnown || (!waitsOf(run).isAll && run.batches.held > 0);
}

/** The batches that were sent at least once. A batch can be held before it is sent. */
export function wereSent<Batch extends { attempts: number }>(batches: readonly Batch[]): Batch[] {
  return batches.filter(({ attempts }) => attempts > 0);
}
