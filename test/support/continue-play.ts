// Aborts a run, continues it with another run, and shows what the continuation sends.
import { env } from "cloudflare:workers";
import { expect } from "vitest";
import type { RunSpec } from "../../src/contract/run.ts";
import { runObject } from "../../src/platform/objects.ts";
import type { RunUnderTest } from "./run-under-test.ts";
import { OK, permitOf, reportOutcome } from "./run-work.ts";

/** Aborts the run and starts the next run, which continues it. Returns the id of the aborted run. */
export async function continued(
  run: RunUnderTest,
  over: Partial<RunSpec> = {},
  inherits: "never inherits" | null = null,
): Promise<string> {
  await run.api.abort({ force: false, actor: "token" });
  await run.wait(60_000);
  expect(await run.stage()).toBe("aborted");
  await run.expectBalanced();
  const earlier = run.id;
  const { logPrefix } = await run.row<{ logPrefix: string }>(
    "SELECT spec_json ->> 'logPrefix' AS logPrefix FROM run",
  );
  run.id = `run-${crypto.randomUUID()}`;
  const namespace: DurableObjectNamespace = env.BACKFILL_RUN;
  run.stub = namespace.getByName(run.id);
  run.api = runObject(env, run.id);
  await run.start({ continueOf: earlier, logPrefix, ...over });
  if (inherits === null) await run.settle();
  return earlier;
}

/** Claims and delivers batches until the run has none left. Returns their numbers. */
export async function sentBatches(run: RunUnderTest): Promise<number[]> {
  const sent: number[] = [];
  for (let n = 0; n < 50; n += 1) {
    if ((await run.status()).lines.pending === 0) return sent;
    const permit = await permitOf(run);
    sent.push(permit.batch);
    await reportOutcome(run, permit, OK);
  }
  throw new Error("there is no end of it");
}
