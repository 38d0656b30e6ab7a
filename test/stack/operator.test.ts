// Tests what an operator can rely on, over HTTP. The run lists a batch that the receiver never takes. After an
// abort nothing is sent. A continuation sends only the rest. The evidence verifies. The tests run in parallel, each
// with its own stack.
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, test } from "vitest";
import type { RunStatus } from "../../src/contract/views.ts";
import { multisetDifference } from "../../local/demo/compare.ts";
import type { Status } from "../support/chaos-api.ts";
import { runVerifier, unzipEvidence } from "../support/chaos-evidence.ts";
import { DELIVERY_LIMIT_MS, WINDOW, expectedRayIds, startStack } from "../support/stack.ts";

const NOTHING_AMISS = { missing: 0, extra: 0, unknown: 0 };

function isAt(stage: string): (status: RunStatus) => boolean {
  return ({ stage_code: code }) => code === stage;
}

describe.concurrent("an operator's decisions over HTTP", () => {
  // The default policy holds the batch after eight attempts that count against the batch, which takes up to two
  // minutes. Only the chaos runs wait so long. With `hold` the run asks after the first attempt.
  test("delivers all other batches, names the failing one, and completes on retry", async (context) => {
    const { expect } = context;
    const stack = await startStack({ logs: { files: 2, lines: 6_000 }, scope: context });
    const { receiver, api, operator, files } = stack;
    const hated = files[1]?.kept_ray_ids[1_234] ?? "";
    receiver.behave({ rules: [{ do: "status", status: 500, ray_id: hated }] });
    const { status: created, body: run } = await operator.call<Status>("POST", "/runs", {
      ...WINDOW,
      batch_size: 200,
      on_uncertain: "hold",
    });
    expect(created).toBe(201);

    const stuck = await api.waitFor(run.id, isAt("needs_attention"), DELIVERY_LIMIT_MS);
    expect(stuck.batches).toMatchObject({ held: 1, pending: 0, leased: 0, refused: 0 });
    const held = stuck.problems.find(({ state }) => state === "held");
    expect(held).toMatchObject({
      kind: "batch",
      key: files[1]?.key,
      reason: expect.stringContaining("http_500"),
    });
    const difference = multisetDifference(expectedRayIds(files), receiver.tally.rayIds);
    expect(difference).toEqual({ ...NOTHING_AMISS, missing: 200 });

    receiver.behave({ rules: [] });
    expect((await operator.call("POST", `/runs/${run.id}/retry`, {})).status).toBe(202);
    const status = await api.waitUntilDelivered(run.id, DELIVERY_LIMIT_MS);
    expect(multisetDifference(expectedRayIds(files), receiver.tally.rayIds)).toEqual(NOTHING_AMISS);
    expect(status).toMatchObject({ exceptions: 0, possible_duplicate_lines: 200 });
  });

  test("sends nothing after `aborted`, and continue_of sends only what is left", async (context) => {
    const { expect } = context;
    const stack = await startStack({
      logs: { files: 2, lines: 12_000 },
      vars: { MAX_LINES_PER_SECOND: "3000" },
      receiver: { behaviour: { latency_ms: [50, 150] } },
      scope: context,
    });
    const { receiver, api, operator, files } = stack;
    const run = await api.startRun({ ...WINDOW, batch_size: 200 });
    await expect.poll(() => receiver.stats().accepted_requests, { timeout: 30_000 }).toBeGreaterThan(15);

    await api.abort(run.id);
    const aborted = await api.waitFor(run.id, isAt("aborted"), DELIVERY_LIMIT_MS);
    const abortedAt = Date.now();
    const doneBefore = receiver.tally.rayIds.size;
    expect(aborted).toMatchObject({ log_lines_sent: doneBefore, leases_out: 0, uncertain_attempts: 0 });

    const continued = await operator.call<Status>("POST", "/runs", { continue_of: run.id });
    expect(continued.status, JSON.stringify(continued.body)).toBe(201);
    const status = await api.waitUntilDelivered(continued.body.id, DELIVERY_LIMIT_MS);

    const startedAt = Date.parse(status.started_at);
    const arrivals = receiver.tally.requests.map(({ headers_at: at }) => at);
    expect(arrivals.filter((at) => at > abortedAt && at < startedAt)).toEqual([]);
    expect(multisetDifference(expectedRayIds(files), receiver.tally.rayIds)).toEqual(NOTHING_AMISS);
    expect(status.log_lines_sent).toBe(receiver.tally.rayIds.size - doneBefore);
  });

  test("verifies its evidence with the enclosed script, which finds a changed byte", async (context) => {
    const { expect } = context;
    const stack = await startStack({ logs: { files: 2, lines: 5_000 }, scope: context });
    const { api, operator, dir } = stack;
    const run = await api.startRun({ ...WINDOW, batch_size: 250 });
    await api.waitUntilDelivered(run.id, DELIVERY_LIMIT_MS);
    await expect
      .poll(async () => (await operator.status(run.id)).report.complete, { timeout: 20_000 })
      .toBe(true);

    const at = join(dir, "evidence");
    const entries = await unzipEvidence(operator, run.id, at);
    expect(await runVerifier(at)).toMatchObject({
      verified: true,
      said: expect.stringContaining("consistent, but not compared with a noted head"),
    });

    const part = Object.keys(entries).find((name) => name.endsWith("-batches.ndjson")) ?? "";
    const text = new TextDecoder().decode(entries[part]);
    await writeFile(join(at, part), text.replace('"lines":250', '"lines":251'));
    expect(await runVerifier(at)).toMatchObject({ verified: false, said: expect.stringContaining("FAULT") });
  });
});
