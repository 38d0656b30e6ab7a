// Writes the evidence of an ended run to R2: the run's files, batches, events and summary as hash-chained NDJSON
// parts. Works in short turns with a stored cursor. Cleanup does not delete the evidence. `chain.json` is written
// last, and evidence without it is incomplete. Each link is SHA-256(previous link + SHA-256(part)), as hex text;
// the first previous link is "". A later change of the ledger drops the cursor. The run then writes the evidence
// again, as the next generation with a separate prefix. It never changes an earlier generation, because a reader
// may keep that generation as proof.
import { createHash } from "node:crypto";
import type { RunContext, StartedRun } from "../context/context.ts";
import { archivePrefix } from "../../../src/contract/report.ts";
import { statusOf } from "../views/status.ts";
import { batchViews } from "../views/batch-view.ts";
import { eventView, fileView } from "../views/pages.ts";
import { SECTIONS, archiveState, begunAt, type ArchiveState } from "../views/report-state.ts";

/** The next R2 object to write, and the state after the write. */
export interface ArchiveWrite {
  key: string;
  body: string;
  next: ArchiveState;
}

/** The most rows in one part of the evidence. */
const PART_ROWS = 2_000;

/** Returns the run with an unfinished generation. Begins a new generation if necessary. The generation is recorded
 * before its first part is written. So the run notices a change of the ledger during the write. The number of the
 * event `report_begun` is the number of the generation. Events are never deleted, so no earlier generation has the
 * same number. */
export function withWriting(context: RunContext, run: StartedRun): StartedRun {
  if (run.row.archive_json !== null) return run;
  const { store, now } = context;
  return store.transaction(() => {
    const generation = store.addEvent({ at: now, actor: "system", kind: "report_begun", detail: {} });
    store.reports.begin(generation, now);
    const begun = begunAt(generation);
    store.run.update({ archive_json: JSON.stringify(begun) });
    return withState(run, begun);
  });
}

export function nextWrite(context: RunContext, run: StartedRun): ArchiveWrite {
  const state = archiveState(run);
  const { generation } = state;
  const prefix = archivePrefix(run.row.run_id, generation);
  const rows = rowsOf(context, run, state);
  if (rows.lines.length === 0) {
    const section = SECTIONS[SECTIONS.indexOf(state.section) + 1];
    if (section) return nextWrite(context, withState(run, { ...state, section, after: 0 }));
    const chain = {
      run: run.row.run_id,
      ...(generation !== null && { generation }),
      algorithm: "sha256",
      head: headOf(state),
      parts: state.parts,
    };
    return {
      key: `${prefix}chain.json`,
      body: `${JSON.stringify(chain, null, 1)}\n`,
      next: { ...state, done: true },
    };
  }
  const body = `${rows.lines.map((row) => JSON.stringify(row)).join("\n")}\n`;
  const name = `part-${String(state.parts.length + 1).padStart(5, "0")}-${state.section}.ndjson`;
  const sha256 = createHash("sha256").update(body).digest("hex");
  const chain = createHash("sha256")
    .update(headOf(state) + sha256)
    .digest("hex");
  const part = { name, bytes: new TextEncoder().encode(body).length, sha256, chain };
  return { key: prefix + name, body, next: { ...state, after: rows.last, parts: [...state.parts, part] } };
}

function withState(run: StartedRun, state: ArchiveState): StartedRun {
  return { ...run, row: { ...run.row, archive_json: JSON.stringify(state) } };
}

function headOf(state: ArchiveState): string {
  return state.parts.at(-1)?.chain ?? "";
}

function rowsOf(
  context: RunContext,
  run: StartedRun,
  { section, after }: ArchiveState,
): { lines: object[]; last: number } {
  const { store } = context;
  switch (section) {
    case "files": {
      const rows = store.files.page([], after, PART_ROWS);
      return { lines: rows.map(fileView), last: rows.at(-1)?.file ?? after };
    }
    case "batches": {
      const rows = store.batches.page(after, PART_ROWS);
      return { lines: batchViews(context, rows), last: rows.at(-1)?.batch ?? after };
    }
    case "events": {
      const rows = store.events(after, PART_ROWS);
      return { lines: rows.map(eventView), last: rows.at(-1)?.event ?? after };
    }
    case "summary":
      return { lines: after === 0 ? [summaryOf(context, run)] : [], last: 1 };
  }
}

/** The status without its member about the evidence, which is not complete at this moment. */
function summaryOf(context: RunContext, run: StartedRun): object {
  const { report: _report, ...summary } = statusOf(context, run);
  return summary;
}
