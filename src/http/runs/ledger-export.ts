// Answers GET /runs/:id/ledger with one line of JSON for every file, then one for every batch. Keeps at most one
// page in memory, because it fetches the next page only when the reader asks for data. Rows on later pages may be
// newer.
import type { BackfillRunApi } from "../../contract/run.ts";
import type { Page, Refused } from "../../contract/states.ts";
import { answerStream, type Context } from "../context.ts";
import { refuseParameters } from "../requests/list-query.ts";
import { problem } from "../problems/problems.ts";
import { pageAnswer, type RunRoute, withRun } from "./run-route.ts";

/** A page of files with their samples stays far below the limit of one RPC call. */
const ROWS_PER_PULL = 500;

export async function exportLedger(route: RunRoute, context: Context): Promise<Response> {
  const parameters = refuseParameters(new URL(route.url).searchParams);
  if (parameters) return problem(parameters);
  return withRun(route, context, async (run, id) => {
    // The run is called before the answer begins. After the HTTP status is sent, an error could only cut the answer
    // short.
    const known = await run.listFiles({ states: [], cursor: null, limit: 1 });
    if (!known.ok) return pageAnswer(known, id);
    // Makes the run keep the evidence that proves these rows.
    await run.reportRead(null);
    return answerStream("application/x-ndjson", ledgerOf(run));
  });
}

/** One line per row, and a last line with the number of rows. Without the last line the ledger was cut short. */
export function ledgerOf(run: Pick<BackfillRunApi, "listFiles" | "listBatches">): ReadableStream<Uint8Array> {
  const count = { file: 0, batch: 0 };
  let kind: "file" | "batch" | "end" = "file";
  let cursor: string | null = null;

  /** The next rows. Advances the cursor. */
  async function nextRows(): Promise<object[]> {
    if (kind === "end") return [];
    const query = { states: [], cursor, limit: ROWS_PER_PULL };
    const page: Page<object> =
      kind === "file" ? pageOf(await run.listFiles(query)) : pageOf(await run.listBatches(query));
    const rows = page.items.map((row) => ({ kind, ...row }));
    count[kind] += rows.length;
    cursor = page.next_cursor;
    if (cursor === null) kind = kind === "file" ? "batch" : "end";
    return rows;
  }

  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        let rows: object[] = [];
        // A page may be empty and still have a successor. The stream would not repeat a pull that enqueues
        // nothing.
        while (rows.length === 0 && kind !== "end") rows = await nextRows();
        const isOver = kind === "end";
        if (isOver) rows.push({ kind: "end", files: count.file, batches: count.batch });
        const text = rows.map((row) => `${JSON.stringify(row)}\n`).join("");
        controller.enqueue(new TextEncoder().encode(text));
        if (isOver) controller.close();
      },
    },
    { highWaterMark: 0 },
  );
}

function pageOf<Row>(listed: { ok: true; page: Page<Row> } | Refused<string>): Page<Row> {
  if (!listed.ok) throw new Error(`the ledger ended early: ${listed.code}`);
  return listed.page;
}
