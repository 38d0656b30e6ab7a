// The API of a deployment with two receivers in addition to the first, for tests of a test file. Call `setUp` before each
// test and `tearDown` after it.
import { env } from "cloudflare:workers";
import type { RunSummary } from "../../src/contract/registry.ts";
import { runIdOf } from "../../src/contract/run-id.ts";
import { registryObject } from "../../src/platform/objects.ts";
import { ApiUnderTest, type Answer, type Ask } from "./api-under-test.ts";
import { HOUR, START, aReport } from "./registry-fixtures.ts";
import { NOW } from "./registry-under-test.ts";

export const api = new ApiUnderTest();

export const RECEIVERS = JSON.stringify({
  siem: { url: "https://siem.example/in", max_lines_per_second: 5_000 },
  account: { kind: "ctyun", endpoint: "https://b.example", uri: "/in", private_key: "k" },
});
export const WINDOW = { start: "2030-04-22T14:00:00Z", end: "2030-04-22T15:00:00Z" };

export function ask(path: string, more: Ask = {}): Promise<Answer> {
  return api.ask(path, { ...more, env: { RECEIVERS, ...more.env } });
}

export function start(body: object, more: Ask = {}): Promise<Answer> {
  return ask("/runs", { method: "POST", body: { ...WINDOW, ...body }, ...more });
}

export function registryOf(receiver: string | null) {
  return registryObject(env, api.name, receiver);
}

export async function ids(query = ""): Promise<string[]> {
  const { json } = await ask(`/runs${query}`);
  return json.items.map(({ id }: RunSummary) => id);
}

/** Reports that the run has sent lines, and ends it. */
export async function deliver(receiver: string | null, id: string, fence = 1): Promise<void> {
  const registry = registryOf(receiver);
  const report = aReport(id, { stage: "cleaned", finished: true, sentSomething: true, deliveredAt: NOW });
  await registry.report(report);
  await registry.release(id, fence, NOW, true);
}

/** The runs over WINDOW at NOW, by receiver. */
export const [FIRST, SIEM, ACCOUNT] = [undefined, "siem", "account"].map((receiver) =>
  runIdOf(START, START + HOUR, NOW - (NOW % 1_000), receiver),
);
