// Does the last work of a dry run: records each raw log object with the hash of its batches, and chains these
// hashes to the plan's hash. Works in short turns with a stored cursor, so that at most one turn is repeated after
// an eviction.
import { addEvent } from "../context/audit-trail.ts";
import { started, type RunContext } from "../context/context.ts";
import { planOf, type PlanState } from "../context/plan-state.ts";
import { batchesOf } from "../batches/of-file.ts";
import type { FileRow } from "../ledger/file-rows.ts";
import type { PlannedFile } from "../../../src/contract/run.ts";
import { firstLink, nextLink, plannedFileOf } from "./plan-chain.ts";

/** The most batch rows read in one turn, and file rows of one statement. During a turn the Durable Object answers
 * no call. */
const ROWS_PER_TURN = 2_000;
const FILES_AT_ONCE = 50;

export function hashTurn(context: RunContext): void {
  const run = started(context);
  if (!run) return;
  const state = planOf(run.row) ?? { kind: "hashing", after: "", link: firstLink(run.spec), files: 0 };
  if (state.kind !== "hashing") return;
  const { store } = context;
  let { after, link, files } = state;
  const planned: PlannedFile[] = [];
  let isOver = false;
  for (let rows = 0; rows < ROWS_PER_TURN && !isOver;) {
    const page = store.files.byKey(after, FILES_AT_ONCE);
    isOver = page.length === 0;
    for (const file of page) {
      after = file.key;
      rows += 1 + file.batch_count;
      // A raw log object that is gone cannot be replayed, so the plan leaves it out.
      if (file.state !== "missing") {
        const one = plannedFileOf(file.key, file.etag, digestsOf(context, file));
        planned.push(one);
        link = nextLink(link, one);
        files += 1;
      }
      if (rows >= ROWS_PER_TURN) break;
    }
  }
  const next: PlanState = isOver
    ? { kind: "counted", hash: link, files }
    : { kind: "hashing", after, link, files };
  store.transaction(() => {
    store.planned.add(planned);
    store.run.update({ plan_json: JSON.stringify(next) });
    if (next.kind === "counted") addEvent(context, "system", "plan_hashed", { hash: next.hash, files });
  });
}

/** The digests of the batches of a raw log object. Null: this R2 object was not read to its end, so it has no
 * batches. */
function digestsOf(context: RunContext, file: FileRow): string[] | null {
  return file.counted === 1 ? batchesOf(context, file).map(({ digest }) => digest) : null;
}
