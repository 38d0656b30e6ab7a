// GET /runs/:id/ledger: every file, then every batch, one JSON object a line, however many there are.
// Never more than one page in memory: the reader's pull fetches the next one. Rows of later pages may be younger.
import type { BackfillRunApi } from "../contract/run.ts";
import type { Page, Refused } from "../contract/states.ts";
import { answerStream, type Context } from "./context.ts";
import { refuseParameters } from "./list-query.ts";
import { problem } from "./problems.ts";
import { pageAnswer, type RunRoute, withRun } from "./run-route.ts";

/** A page of files with their samples stays far below what one call may carry. */
const ROWS_PER_PULL = 500;

export async function exportLedger(route: RunRoute, context: Context): Promise<Response> {
  const parameters = refuseParameters(new URL(route.url).searchParams);
  if (parameters) return problem(parameters);
  return withRun(route, context, async (run, id) => {
    // Before the answer begins: afterwards a refusal could only break it off.
    const known = await run.listFiles({ states: [], cursor: null, limit: 1 });
    if (!known.ok) return pageAnswer(known, id);
    // what proves these rows is kept with them
    await run.reportRead(null);
    return answerStream("application/x-ndjson", ledgerOf(run));
  });
}

/** A line for each row, and a last one with their number: without it the ledger was cut short. */
export function ledgerOf(run: Pick<BackfillRunApi, "listFiles" | "listBatches">): ReadableStream<Uint8Array> {
  const count = { file: 0, batch: 0 };
  let kind: "file" | "batch" | "end" = "file";
  let cursor: string | null = null;

  /** The next rows, and moves on behind them. */
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
        // A pull that enqueues nothing would not be repeated: a page may be empty and have a successor.
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
