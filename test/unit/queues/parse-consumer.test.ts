// Tests what a parser reports when something fails that is not the file: R2, the run's Durable Object, or the parser
// itself.
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import type { FileFailure } from "../../../src/contract/parsing.ts";
import type { Env } from "../../../src/platform/env.ts";
import { parseMessage } from "../../../src/contract/messages.ts";
import { runIdOf } from "../../../src/contract/run-id.ts";
import { parseOne } from "../../../src/queues/parse-consumer.ts";
import { SPEC, ndjson, record } from "../pipeline/support.ts";

const RUN = runIdOf(SPEC.startMs, SPEC.endMs, SPEC.startMs);

beforeEach(() => {
  vi.useFakeTimers({ now: SPEC.startMs });
  vi.stubGlobal("scheduler", { wait: (ms: number) => vi.advanceTimersByTimeAsync(ms) });
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

interface Faults {
  get?: () => never;
  put?: () => never;
  queued?: () => never;
}

/** Parses one file of a fake bucket for a fake run. Each fault replaces a call to the bucket or to the run. Returns
 * the failures that the parser reported, its log lines, and how often it called `queued`. */
async function parsed(faults: Faults): Promise<{ failures: FileFailure[]; logged: object[]; calls: number }> {
  const seen = { failures: [] as FileFailure[], logged: [] as object[], calls: 0 };
  const bytes = Buffer.from(ndjson([record()]));
  const reads = [{ done: false, value: bytes }, { done: true }];
  const body = { getReader: () => ({ readAtLeast: async () => reads.shift(), cancel: async () => {} }) };
  const object = { etag: "e", size: bytes.length, body };
  const run = {
    claimFile: async () => ({ ok: true, attempt: 1, key: "a.log", etag: "e", packKey: "p", parse: SPEC }),
    renewFile: async () => ({ ok: true }),
    queued: async () => {
      seen.calls += 1;
      return faults.queued?.() ?? { ok: true, state: "open" };
    },
    fileFailed: async (failure: FileFailure) => {
      seen.failures.push(failure);
      return { ok: true };
    },
  };
  const env = {
    BACKFILL_RUN: { getByName: () => run },
    LOGS: { get: async () => faults.get?.() ?? object, put: async () => faults.put?.() ?? {} },
  };
  await parseOne(parseMessage(RUN, 1), env as unknown as Env, (level, event, fields) => {
    seen.logged.push({ level, event, ...fields });
  });
  return seen;
}

function throws(error: Error): () => never {
  return () => {
    throw error;
  };
}

it("reports a bug of the run's Durable Object as the run's, and logs its cause", async () => {
  const bug = new TypeError("cannot read properties of undefined");
  const { failures, logged, calls } = await parsed({ queued: throws(bug) });
  const error = expect.stringContaining("queued: TypeError: cannot read properties of undefined") as string;
  expect(failures).toMatchObject([{ state: "gave_up", reason: "run_failed", detail: error }]);
  expect(logged).toMatchObject([{ event: "file_given_back", reason: "run_failed", error }]);
  expect(calls, "the call was repeated for a minute").toBeGreaterThan(10);
});

it("reports an outage of the run's Durable Object as the run's too", async () => {
  const { failures } = await parsed({ queued: throws(new Error("Network connection lost")) });
  expect(failures).toMatchObject([{ reason: "run_failed" }]);
});

it.each([
  ["a read", { get: throws(new Error("get: We encountered an internal error (10001)")) }],
  ["a write", { put: throws(new Error("put: We encountered an internal error (10001)")) }],
])("reports %s that R2 failed as a failure of R2", async (_what, faults) => {
  expect((await parsed(faults)).failures).toMatchObject([{ state: "gave_up", reason: "io" }]);
});

it("reports a bug of the parser as the parser's", async () => {
  const { failures } = await parsed({ get: throws(new TypeError("x is not a function")) });
  expect(failures).toMatchObject([{ state: "gave_up", reason: "parser_error" }]);
});

it("reports nothing for a file that was parsed", async () => {
  const { failures, logged } = await parsed({});
  expect(failures).toEqual([]);
  expect(logged).toMatchObject([{ event: "file_parsed", state: "open", batches: 1 }]);
});
