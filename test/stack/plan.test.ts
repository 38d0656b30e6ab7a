// A dry run and the run made from it, over HTTP and with real queues: what is counted is what arrives.
import { describe, test } from "vitest";
import type { BatchView, RunStatus } from "../../src/contract/views.ts";
import { multisetDifference } from "../../local/demo/compare.ts";
import { DELIVERY_LIMIT_MS, WINDOW, expectedRayIds, keptLines, startStack } from "../support/stack.ts";

type Batches = { items: BatchView[] };

describe("a plan over HTTP", () => {
  test("estimates, counts, shows lines, and delivers exactly what was counted", async (context) => {
    const { expect } = context;
    const stack = await startStack({ logs: { files: 3, lines: 4_000 }, scope: context });
    const { receiver, api, operator, files } = stack;
    const kept = keptLines(files);

    const estimate = await operator.call<Record<string, { files: number; low: number; high: number }>>("POST", "/runs/plan", WINDOW); // prettier-ignore
    expect([estimate.status, estimate.body["raw"]?.files]).toEqual([200, 3]);
    expect(estimate.body["lines"]?.low).toBeLessThanOrEqual(kept);
    expect(estimate.body["lines"]?.high).toBeGreaterThanOrEqual(kept);

    const dry = await operator.call<RunStatus>("POST", "/runs", {
      ...WINDOW,
      batch_size: 200,
      dry_run: true,
    });
    expect([dry.status, dry.body.stage_code]).toEqual([201, "counting"]);
    const counted = await api.waitFor(
      dry.body.id,
      ({ stage_code }) => stage_code === "counted",
      DELIVERY_LIMIT_MS,
    );
    expect(counted.lines).toMatchObject({ kept, sent: 0 });
    const sample = await operator.call<{ items: { ray_id: string }[] }>(
      "GET",
      `/runs/${counted.id}/sample?n=2`,
    );
    expect(sample.body.items.map(({ ray_id }) => ray_id)).toEqual(files[0]?.kept_ray_ids.slice(0, 2));
    expect(receiver.tally.rayIds.size).toBe(0);

    const from = { from_plan: counted.id, plan_hash: counted.plan_hash };
    const started = await operator.call<RunStatus>("POST", "/runs", from);
    expect(started.status).toBe(201);
    const delivered = await api.waitUntilDelivered(started.body.id, DELIVERY_LIMIT_MS);
    expect(delivered).toMatchObject({ plan_hash: counted.plan_hash, exceptions: 0, log_lines_sent: kept });
    expect(multisetDifference(expectedRayIds(files), receiver.tally.rayIds)).toEqual({
      missing: 0,
      extra: 0,
      unknown: 0,
    });
    const digests = async (run: string): Promise<string[]> =>
      (await operator.call<Batches>("GET", `/runs/${run}/batches?limit=1000`)).body.items.map(
        ({ digest }) => digest,
      );
    expect((await digests(delivered.id)).toSorted()).toEqual((await digests(counted.id)).toSorted());
  });
});
