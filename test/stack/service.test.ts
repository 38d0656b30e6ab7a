// Two Workers on the local runtime: a live worker reports a window that it could not deliver, through a service
// binding. The rules are in test/workerd/service.test.ts.
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { createTestHarness } from "wrangler";
import { expect, onTestFailed, onTestFinished, test } from "vitest";
import { filesBelow } from "../../local/files-below.ts";
import type {
  CoverageAnswer,
  QueueWindowsAnswer,
  RunStatusAnswer,
  ServiceRefusal,
  StartRunAnswer,
} from "../../src/contract/service.ts";
import { expectedRayIds, sampleLogs, startReceiver, tempDir, WINDOW } from "../support/stack.ts";

/** The names in wrangler.toml. */
const BACKFILL = "ctyun-logpush-backfill";
const LIVE = "live-worker";

async function twoWorkers(receiver: string, logsDir: string) {
  const server = createTestHarness({
    workers: [
      {
        configPath: "wrangler.toml",
        vars: { BINDING_ROLES: `{"${LIVE}": "operator"}`, LATE_MARGIN_MINUTES: "0", LOG_LEVEL: "warn" },
        secrets: {
          API_TOKEN: "token",
          CTYUN_ENDPOINT: receiver,
          CTYUN_URI_EDGE: "/log/edge",
          CTYUN_PRIVATE_KEY: "stack-test-key",
        },
      },
      { configPath: "test/stack/live-worker/wrangler.toml" },
    ],
  });
  onTestFinished(() => server.close());
  onTestFailed(() => server.debug());
  await server.listen();
  const { LOGS } = await server.getWorker<{ LOGS: R2Bucket }>(BACKFILL).getEnv();
  for (const { key } of await filesBelow(logsDir)) await LOGS.put(key, await readFile(join(logsDir, key)));
  const live = server.getWorker(LIVE);
  return async <Answer>(path: string, body?: unknown): Promise<Answer> => {
    const init = body === undefined ? {} : { method: "POST", body: JSON.stringify(body) };
    const answer = await live.fetch(`http://live.test${path}`, init);
    return (await answer.json()) as Answer;
  };
}

test("lets another Worker have a window delivered that it could not deliver", async () => {
  const receiver = await startReceiver();
  const { logsDir, files } = await sampleLogs(await tempDir(), { files: 2, lines: 300 });
  const ask = await twoWorkers(receiver.url, logsDir);

  const refused = await ask<ServiceRefusal[]>("/stranger", WINDOW);
  expect(refused).toMatchObject([{ ok: true }, { ok: false, code: "unknown_caller" }]);
  const hostile = await ask<ServiceRefusal[]>("/hostile");
  const codes = ["invalid_body", "invalid_body", "invalid_body", "body_too_large", "invalid_body"];
  expect(hostile.map(({ ok, code }) => [ok, code])).toEqual(codes.flatMap((code) => [[false, code], [false, code]])); // prettier-ignore
  expect(receiver.stats().requests).toBe(0);

  const queued = await ask<QueueWindowsAnswer>("/not-delivered", WINDOW);
  expect(queued).toMatchObject({
    ok: true,
    replayed: false,
    outcomes: [{ outcome: "queued", state: "queued" }],
  });
  const again = await ask<QueueWindowsAnswer>("/not-delivered", WINDOW);
  expect(again).toMatchObject({ ok: true, replayed: true, outcomes: [{ outcome: "queued" }] });
  const delivered = async () => {
    const { ok, ...seen } = await ask<CoverageAnswer>("/coverage", WINDOW);
    const [run] = ok && "coverage" in seen ? seen.coverage.runs : [];
    const status = await ask<RunStatusAnswer>(`/status?run=${run?.id}`);
    return status.ok && status.run.delivery_completed ? status.run : null;
  };
  await expect.poll(delivered, { timeout: 60_000, interval: 200 }).not.toBeNull();
  expect(receiver.tally.rayIds).toEqual(expectedRayIds(files));
  expect((await delivered())?.actor).toBe(`binding:${LIVE}`);
  // Delivered lines are not sent again by mistake.
  const started = await ask<StartRunAnswer>("/start", WINDOW);
  expect(started).toMatchObject({ ok: false, code: "overlap" });
});
