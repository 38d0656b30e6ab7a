// GET /runs/:id/ledger returns every row once, in order, page by page.
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { BatchView, FileView } from "../../src/contract/views.ts";
import type { ListQuery } from "../../src/contract/run.ts";
import type { Page } from "../../src/contract/states.ts";
import { BackfillRun } from "../../durable-objects/backfill-run/backfill-run.ts";
import { ledgerOf } from "../../src/http/runs/ledger-export.ts";
import { EXAMPLES } from "../../local/openapi/examples.ts";
import { ApiUnderTest } from "../support/api-under-test.ts";
import { wantedRun } from "../support/registry-fixtures.ts";
import { admitted } from "../support/registry-under-test.ts";

const api = new ApiUnderTest();
beforeEach(() => api.setUp());
afterEach(() => api.tearDown());

const { FileListAnswer, BatchListAnswer } = EXAMPLES as {
  FileListAnswer: Page<FileView>;
  BatchListAnswer: Page<BatchView>;
};

/** Answers pages of `size` items with the numbers 1 to `count`. Every third page is empty and has a successor. */
function pages<Row>(
  count: number,
  size: number,
  name: "file" | "batch",
  { items: [row] }: Page<Row>,
  asked: ListQuery[],
) {
  return async (query: ListQuery): Promise<{ ok: true; page: Page<Row> }> => {
    asked.push(query);
    const [turn = 0, after = 0] = (query.cursor ?? "0.0").split(".").map(Number);
    const length = turn % 3 === 2 ? 0 : Math.min(size, count - after);
    const items = Array.from({ length }, (_item, n) => ({ ...row, [name]: after + n + 1 }) as Row);
    const last = after + length;
    return { ok: true, page: { items, next_cursor: last < count ? `${turn + 1}.${last}` : null } };
  };
}

function aLedger(files: number, batches: number) {
  const asked: ListQuery[] = [];
  const run = {
    listFiles: pages(files, 3, "file", FileListAnswer, asked),
    listBatches: pages(batches, 3, "batch", BatchListAnswer, asked),
  };
  return { asked, run };
}

function rowsOf(text: string): Record<string, unknown>[] {
  expect(text.endsWith("\n")).toBe(true);
  return text.slice(0, -1).split("\n").map((line) => JSON.parse(line) as Record<string, unknown>); // prettier-ignore
}

describe("the ledger", () => {
  it.each([
    [0, 0],
    [1, 0],
    [7, 20],
    [3, 3],
  ])(
    "holds each of %i files and %i batches once, in order, and ends with their number",
    async (files, batches) => {
      const rows = rowsOf(await new Response(ledgerOf(aLedger(files, batches).run)).text());
      const numbers = (kind: string) => rows.filter((row) => row["kind"] === kind).map((row) => row[kind]);
      expect(numbers("file")).toEqual(Array.from({ length: files }, (_item, n) => n + 1));
      expect(numbers("batch")).toEqual(Array.from({ length: batches }, (_item, n) => n + 1));
      expect(rows.findIndex((row) => row["kind"] === "batch")).toBe(batches === 0 ? -1 : files);
      expect(rows.at(-1)).toEqual({ kind: "end", files, batches });
      expect(rows).toHaveLength(files + batches + 1);
    },
  );

  it("asks for a page only when it is read, because a slow reader must not fill the memory", async () => {
    const { asked, run } = aLedger(100, 100);
    const reader = ledgerOf(run).getReader();
    expect(asked).toHaveLength(0);
    await reader.read();
    expect(asked).toHaveLength(1);
    await reader.read();
    expect(asked).toHaveLength(2);
    await reader.cancel();
    expect(asked).toHaveLength(2);
  });

  it("breaks off rather than ending early, because a short ledger would look complete", async () => {
    const { run } = aLedger(100, 0);
    let calls = 0;
    const failing = {
      ...run,
      listFiles: async (query: ListQuery) => {
        if (++calls === 3) throw new Error("the object is down");
        return run.listFiles(query);
      },
    };
    await expect(new Response(ledgerOf(failing)).text()).rejects.toThrow("the object is down");
  });
});

describe("GET /runs/:id/ledger", () => {
  it("answers NDJSON", async () => {
    const id = admitted(await api.api.admit(wantedRun(), null));
    const { run } = aLedger(2, 1);
    vi.spyOn(BackfillRun.prototype, "listFiles").mockImplementation(run.listFiles);
    vi.spyOn(BackfillRun.prototype, "listBatches").mockImplementation(run.listBatches);
    const answer = await api.ask(`/runs/${id}/ledger`);
    expect([answer.status, answer.headers.get("Content-Type"), answer.headers.get("Cache-Control")]).toEqual([
      200,
      "application/x-ndjson",
      "no-store",
    ]);
    expect(rowsOf(answer.text).map((row) => row["kind"])).toEqual(["file", "file", "batch", "end"]);
    const head = await api.ask(`/runs/${id}/ledger`, { method: "HEAD" });
    expect([head.status, head.text]).toEqual([200, ""]);
  });

  it("refuses parameters, because the ledger is never filtered", async () => {
    const id = admitted(await api.api.admit(wantedRun(), null));
    expect(await api.ask(`/runs/${id}/ledger?state=done`)).toMatchObject({
      status: 422,
      json: { errors: [{ parameter: "state" }] },
    });
  });

  it("reports a run without its first status as starting", async () => {
    const id = admitted(await api.api.admit(wantedRun(), null));
    vi.spyOn(BackfillRun.prototype, "listFiles").mockResolvedValue({
      ok: false,
      code: "unknown_run",
      detail: "",
    });
    expect(await api.ask(`/runs/${id}/ledger`)).toMatchObject({
      status: 503,
      json: { code: "start_unconfirmed", run: id },
    });
  });
});
