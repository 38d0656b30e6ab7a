// An operator's decisions about one file over HTTP: whether its lines are sent, and how it is parsed.
import { afterEach, beforeEach, expect, it } from "vitest";
import { ApiUnderTest, type Answer } from "../support/api-under-test.ts";
import { wantedRun } from "../support/registry-fixtures.ts";
import { admitted } from "../support/registry-under-test.ts";

const api = new ApiUnderTest();
beforeEach(() => api.setUp());
afterEach(() => api.tearDown());

async function give(verb: string, body: unknown): Promise<Answer> {
  const id = admitted(await api.api.admit(wantedRun(), null));
  return api.ask(`/runs/${id}/files/7/${verb}`, { method: "POST", body });
}

const IDS = ["00", "", null];

it.each([
  ["accept", { send: false }, 200, { do: "accept_file", file: 7, send: false }],
  ["accept", { send: true }, 202, { do: "accept_file", file: 7, send: true }],
  ["accept", { send: true, replay: true }, 202, { do: "accept_file", file: 7, send: true, replay: true }],
  [
    "retry",
    { top_level_parent_ray_ids: IDS, on_corrupt: "salvage" },
    202,
    { do: "retry_file", file: 7, allowDuplicates: false, topLevelParentRayIds: IDS, onCorrupt: "salvage", replay: false },
  ],
])("turns %s with %j into the run's command, and answers %i", async (verb, body, status, command) => {
  expect((await give(verb, { ...body, note: "n" })).status).toBe(status);
  expect(api.commands).toEqual([{ ...command, actor: "token", note: "n" }]);
}); // prettier-ignore

it.each([
  ["accept", { send: "yes" }, "#/send"],
  ["retry", { top_level_parent_ray_ids: [] }, "#/top_level_parent_ray_ids"],
  ["retry", { on_corrupt: "skip" }, "#/on_corrupt"],
  ["retry", { send: true }, "#/send"],
])("refuses %s with %j, and never calls the run", async (verb, body, pointer) => {
  const answer = await give(verb, body);
  expect([answer.status, answer.json.errors?.map((error: { pointer?: string }) => error.pointer)]).toEqual([
    422,
    [pointer],
  ]);
  expect(api.commands).toEqual([]);
});

it("points at `send` when the run asks whether lines are sent", async () => {
  api.operated = { ok: false, code: "send_needed", detail: "true or false" };
  const answer = await give("accept", { note: "n" });
  expect([answer.status, answer.json.code]).toEqual([422, "send_needed"]);
  expect(answer.json.errors).toEqual([{ pointer: "#/send", detail: "true or false" }]);
});
