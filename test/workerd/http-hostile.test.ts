// Malformed requests to every route. Each is refused with a named problem. None causes an error of the Worker,
// changes anything, or gets an answer too large to read.
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { BackfillRun } from "../../durable-objects/backfill-run/backfill-run.ts";
import { routes } from "../../src/http/router.ts";
import { ApiUnderTest, type Ask } from "../support/api-under-test.ts";
import { wantedRun } from "../support/registry-fixtures.ts";
import { admitted } from "../support/registry-under-test.ts";

const api = new ApiUnderTest();
beforeEach(() => api.setUp());
afterEach(() => api.tearDown());
const MAX_REFUSAL_BYTES = 16_384;
const BODY = { start: "2030-04-22T14:00:00Z", end: "2030-04-22T15:00:00Z" };
/** Every route, as a method and a path with parameters. */
const ROUTES = [
  ...routes.routes.map(([method, , , path]) => ({ method, path: path ?? "" })),
  { method: "GET", path: "/health" },
];
const DEEP = "[".repeat(3_000) + "]".repeat(3_000);

let errorLines: string[] = [];
beforeEach(() => {
  errorLines = [];
  const page = { ok: true as const, page: { items: [], next_cursor: null } };
  // The ledger ends with its first page.
  vi.spyOn(BackfillRun.prototype, "listFiles").mockResolvedValue(page);
  vi.spyOn(BackfillRun.prototype, "listBatches").mockResolvedValue(page);
  vi.spyOn(console, "error").mockImplementation((line: string) => void errorLines.push(line));
});

async function aRun(): Promise<string> {
  return admitted(await api.api.admit(wantedRun(), null));
}

function pathOf(template: string, id: string, number = "1"): string {
  return template.replace(":id", id).replace(/:(file|batch)/, number);
}

describe("every route", () => {
  it("is in the table that this test walks", () => {
    expect(ROUTES.length).toBeGreaterThan(20);
    expect(ROUTES).toContainEqual({ method: "POST", path: "/runs/:id/files/:file/retry" });
  });

  it.each(ROUTES)("refuses unknown parameters on $method $path", async ({ method, path }) => {
    const id = await aRun();
    const ask: Ask = { method, ...(method === "POST" && { body: path === "/runs" ? BODY : {} }) };
    for (const query of ["dry_run=true", "dry_run=", "__proto__=1", "constructor", "%00=1", "=1"]) {
      const answer = await api.ask(`${pathOf(path, id)}?${query}`, ask);
      expect(answer, query).toMatchObject({ status: 422, json: { code: "invalid_query" } });
    }
    expect([api.commands, api.aborts, await api.everyRun()]).toMatchObject([[], [], [{ id }]]);
  });

  it.each(ROUTES.filter(({ method }) => method !== "GET"))(
    "refuses bodies that make no sense, and one that breaks off, on $method $path",
    async ({ method, path }) => {
      const id = await aRun();
      const bodies = [
        DEEP, `{"note":${DEEP}}`, '{"note":"a","note":"b"}', '{"__proto__":{"note":"x"}}', '{"constructor":1}',
        '{"note":"\\ud800"}', '{"note":1e999}', '{"continue_of":[[[]]]}', '{"continue_of":{"toString":1}}',
        '{"start":1e999}', "\ufeff", "null", "[]", '"{}"', "1e999", "{", "\u0000",
      ]; // prettier-ignore
      for (const body of bodies) {
        const headers = { "Idempotency-Key": "k" };
        const answer = await api.ask(pathOf(path, id), { method, body, headers });
        expect([400, 422], `${body.slice(0, 40)} → ${answer.text}`).toContain(answer.status);
        expect(answer.text.length).toBeLessThan(MAX_REFUSAL_BYTES);
      }
      expect([api.commands, api.aborts, await api.everyRun()]).toMatchObject([[], [], [{ id }]]);
      expect(errorLines).toEqual([]);
    },
  );
});

describe("a refusal", () => {
  it("names the first faults and counts the others", async () => {
    const query = Array.from({ length: 1_500 }, (_, n) => `p${n}=1`).join("&");
    const answer = await api.ask(`/runs?${query}`);
    expect(answer).toMatchObject({ status: 422, json: { errors_left_off: 1_480 } });
    expect(answer.json.errors).toHaveLength(20);
    expect(answer.text.length).toBeLessThan(MAX_REFUSAL_BYTES);

    const members = Object.fromEntries(Array.from({ length: 4_000 }, (_, n) => [`m${n}`, 1]));
    expect((await api.post(members)).text.length).toBeLessThan(MAX_REFUSAL_BYTES);
  });

  it("cuts what it repeats, and never within a character", async () => {
    const long = "😀".repeat(1_300);
    for (const answer of [
      await api.post({ [long]: 1 }),
      await api.ask(`/runs?${encodeURIComponent(long)}=1`),
      await api.ask(`/runs/x/files?state=${encodeURIComponent(long)}`),
      await api.ask(`/runs/${encodeURIComponent(long)}`),
      await api.post({ continue_of: long }),
    ]) {
      expect(answer.status).toBeGreaterThanOrEqual(400);
      expect(answer.text.length).toBeLessThan(MAX_REFUSAL_BYTES);
      expect(answer.text.isWellFormed()).toBe(true);
      expect(answer.text).not.toContain("\\ud83d");
    }
  });
});
