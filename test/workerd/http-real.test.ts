// The API with the real Durable Objects: one run from POST to aborted, and the return of the slot.
import { expect, it } from "vitest";
import { isoSecond } from "../../src/contract/run-id.ts";
import { askWorker } from "../support/answer-check.ts";
import { TOKEN } from "../support/api-under-test.ts";

async function ask(path: string, method = "GET", body?: unknown) {
  const init: RequestInit = { method, headers: { Authorization: `Bearer ${TOKEN}` } };
  if (body !== undefined) init.body = JSON.stringify(body);
  const response = await askWorker(path, init);
  const json: Record<string, unknown> = await response.json();
  return { status: response.status, json };
}

it("starts a run, shows it, refuses a second one, aborts it, and lets the next one start", async () => {
  // Within the late margin, so the run keeps listing and owns the slot until it is aborted.
  const end = isoSecond(Date.now());
  const window = { start: isoSecond(Date.now() - 60_000), end };
  const started = await ask("/runs", "POST", window);
  expect(started).toMatchObject({
    status: 201,
    json: { stage_code: "scanning_and_queueing", window: { end } },
  });
  const id = String(started.json["id"]);

  expect(await ask(`/runs/${id}`)).toMatchObject({ status: 200, json: { id } });
  expect(await ask(`/runs/${id}?view=raw`)).toMatchObject({ status: 200 });
  expect(await ask(`/runs/${id}/files?state=listed,parsing`)).toMatchObject({
    status: 200,
    json: { items: [] },
  });
  expect(await ask(`/runs/${id}/batches`)).toMatchObject({
    status: 200,
    json: { items: [], next_cursor: null },
  });
  expect(await ask(`/runs/${id}/files?cursor=nonsense`)).toMatchObject({
    status: 422,
    json: { code: "invalid_query" },
  });
  expect(await ask("/runs", "POST", window)).toMatchObject({
    status: 409,
    json: { code: "slot_taken", run: id },
  });

  expect(await ask(`/runs/${id}`, "DELETE")).toMatchObject({ status: 202, json: { id } });
  // An answer is never older than a change that its reader knows of.
  expect((await ask(`/runs/${id}`)).json["stage_code"]).toMatch(/^abort(?:ing|ed)$/);
  await expect.poll(async () => (await ask(`/runs/${id}`)).json["stage_code"]).toBe("aborted");
  expect(await ask(`/runs/${id}`, "DELETE")).toMatchObject({ status: 202, json: { stage_code: "aborted" } });
  await expect.poll(async () => (await ask("/runs", "POST", window)).status).toBe(201);

  const listed = (await ask("/runs")).json["items"] as { id: string; active: boolean }[];
  expect(listed.find((run) => run.id === id)).toMatchObject({ active: false, stage_code: "aborted" });
  const next = listed.find((run) => run.active);
  await ask(`/runs/${next?.id}?force=true`, "DELETE");
  await expect.poll(async () => (await ask(`/runs/${next?.id}`)).json["stage_code"]).toBe("aborted");
});
