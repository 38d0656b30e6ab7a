// The number of generations is bounded. However often the ledger changes, only the first, the last and the downloaded
// generations stay.
import { env } from "cloudflare:workers";
import { afterEach, beforeEach, expect, it } from "vitest";
import { handleRequest } from "../../src/http/router.ts";
import { createExecutionContext } from "cloudflare:test";
import { TOKEN } from "../support/api-under-test.ts";
import { acted, eventsOf } from "../support/operator-play.ts";
import {
  checked,
  delivered,
  evidence,
  named,
  reportFiles,
  reportKeys,
  reportOf,
} from "../support/report-play.ts";
import { RunUnderTest } from "../support/run-under-test.ts";

const run = new RunUnderTest();
beforeEach(() => run.setUp());
afterEach(() => run.tearDown());
afterEach(() => run.expectBalanced());

const verify = { do: "verify" } as const;

/** Prefixes of the generations that have R2 objects in the bucket. */
async function generations(): Promise<string[]> {
  return [...new Set((await reportKeys(run)).map((key) => key.slice(0, key.lastIndexOf("/") + 1)))];
}

async function writtenAnew(): Promise<string> {
  await acted(run, verify);
  await run.wait(70_000);
  expect(await reportOf(run)).toMatchObject({ complete: true });
  return (await reportOf(run)).prefix;
}

it("writes one more generation after 60 commands within a minute, and keeps the first", async () => {
  await delivered(run);
  const first = await reportOf(run);
  for (let n = 0; n < 60; n += 1) {
    await acted(run, verify);
    await run.wait(900);
  }
  await run.wait(70_000);
  const last = await reportOf(run);
  expect(last.complete).toBe(true);
  expect((await eventsOf(run, "report_begun")).length).toBeLessThanOrEqual(3);
  expect(await generations()).toEqual([first.prefix, last.prefix]);
  await checked(run, await reportFiles(run, first.prefix));
  await checked(run, await reportFiles(run, last.prefix));
});

it("keeps the first and the last of many, and deletes what lies between", async () => {
  await delivered(run);
  const first = (await reportOf(run)).prefix;
  let last = first;
  for (let n = 0; n < 5; n += 1) last = await writtenAnew();
  expect(await generations()).toEqual([first, last]);
  expect(await run.rows("SELECT count(*) AS n FROM reports")).toEqual([{ n: 2 }]);
});

it("keeps what was downloaded as evidence.zip", async () => {
  named(run);
  await delivered(run);
  const first = (await reportOf(run)).prefix;
  await writtenAnew();
  const second = (await reportOf(run)).prefix;
  const response = await evidence(run);
  expect(response.status).toBe(200);
  await response.arrayBuffer();
  await writtenAnew();
  const last = await writtenAnew();
  expect(await generations()).toEqual([first, second, last]);
});

it("keeps the evidence of a ledger that was read", async () => {
  named(run);
  await delivered(run);
  const first = (await reportOf(run)).prefix;
  const second = await writtenAnew();
  const headers = { Authorization: `Bearer ${TOKEN}` };
  const request = new Request(`http://api.test/runs/${run.id}/ledger`, { headers });
  const response = await handleRequest(
    request,
    { ...env, RECEIVER_ID: `receiver-${run.id}` },
    createExecutionContext(),
  );
  expect(response.status).toBe(200);
  await response.text();
  await writtenAnew();
  const last = await writtenAnew();
  expect(await generations()).toEqual([first, second, last]);
});

it("finishes only after the last superfluous generation is deleted", async () => {
  await delivered(run);
  for (let n = 0; n < 3; n += 1) await writtenAnew();
  await run.wait(4 * 3_600_000);
  expect(await run.stage()).toBe("cleaned");
  expect(run.reports.at(-1)).toMatchObject({ finished: true });
  expect(await generations()).toHaveLength(2);
  expect(await run.alarmAt()).toBeNull();
});
