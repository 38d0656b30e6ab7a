// The whole stack with a partner whose answers vary, break off, never end, or do not match SUCCESS_PATTERN.
import { describe, test } from "vitest";
import type { StatusAction } from "../../local/receiver/behaviour.ts";
import type { RunStatus } from "../../src/contract/views.ts";
import { DELIVERY_LIMIT_MS, WINDOW, keptLines, startStack, type Scope } from "../support/stack.ts";
import faults from "../fixtures/faults/answers.json";

const LINES = 1_200;
const BATCH = 100;

function playing(scope: Scope, answer: Omit<StatusAction, "do">, vars: Record<string, string> = {}) {
  const rules = [{ do: "status" as const, ...answer }];
  return startStack({ logs: { files: 1, lines: LINES }, vars, receiver: { behaviour: { rules } }, scope });
}

/** A probe or a retry would be seen within this time. A test that expects none waits this long. */
const QUIET_MS = 12_000;

function isMismatch(status: RunStatus): boolean {
  return status.state_reason?.code === "receiver_answer_does_not_match" && status.leases_out === 0;
}

function isAsking(status: RunStatus): boolean {
  return status.state_reason?.code === "unusual_answers";
}

describe.concurrent("a healthy receiver", () => {
  for (const { varies, bodies } of faults.healthy) {
    test(`is never asked about while its answers vary by ${varies}`, async (context) => {
      const { expect } = context;
      const { api, receiver, files } = await playing(context, { status: 200, body: bodies });
      const run = await api.startRun({ ...WINDOW, batch_size: BATCH });
      const status = await api.waitUntilDelivered(run.id, DELIVERY_LIMIT_MS);
      expect([status.log_lines_sent, status.exceptions]).toEqual([keptLines(files), 0]);
      expect(receiver.stats().lines_accepted).toBe(keptLines(files));
    });
  }
});

describe.concurrent("a body that is not whole", () => {
  for (const { what, answer } of faults.matchedButIncomplete) {
    test(`settles the batch once, because it matches: ${what}`, async (context) => {
      const { expect } = context;
      const vars = { SUCCESS_PATTERN: "ok", SEND_TIMEOUT_MS: "2500" };
      const { api, receiver, files } = await playing(context, answer as Omit<StatusAction, "do">, vars);
      const run = await api.startRun({ ...WINDOW, batch_size: BATCH });
      const status = await api.waitUntilDelivered(run.id, DELIVERY_LIMIT_MS);
      expect(status).toMatchObject({ uncertain_attempts: 0, possible_duplicate_lines: 0 });
      expect(receiver.stats().lines_accepted).toBe(keptLines(files));
    });
  }
});

test("counts a match in a body that its Content-Encoding names wrongly, and sends nothing twice", async (context) => {
  const { expect } = context;
  const answer = { status: 200, body: "ok", content_encoding: "gzip" };
  const { api, receiver, files } = await playing(context, answer, { SUCCESS_PATTERN: "ok" });
  const run = await api.startRun({ ...WINDOW, batch_size: BATCH });
  const status = await api.waitUntilDelivered(run.id, DELIVERY_LIMIT_MS);
  expect(status).toMatchObject({ uncertain_attempts: 0, possible_duplicate_lines: 0 });
  expect(receiver.stats()).toMatchObject({ lines_accepted: keptLines(files), duplicate_lines: 0 });
});

describe.concurrent("answers that do not match or differ", () => {
  test("suspend the run as uncertain until the pattern is mended", async (context) => {
    const { expect } = context;
    const vars = { SUCCESS_PATTERN: '"code":0' };
    const stack = await playing(context, { status: 200, body: '{"code":"0","message":"SUCCESS"}' }, vars);
    const { receiver } = stack;
    const run = await stack.api.startRun({ ...WINDOW, batch_size: BATCH });
    await stack.api.waitFor(run.id, isMismatch, DELIVERY_LIMIT_MS);
    const posts = receiver.stats().requests;
    await new Promise((resolve) => setTimeout(resolve, QUIET_MS));
    expect(receiver.stats().requests).toBe(posts);
    const suspended = await stack.api.status(run.id);
    expect(suspended).toMatchObject({ log_lines_sent: 0, uncertain_attempts: posts });
    expect(suspended.answers).toMatchObject({ bodies: [{ body: '{"code":"0","message":"SUCCESS"}' }] });
    await stack.dev.stop();
    const { api } = await stack.restart({ SUCCESS_PATTERN: '"code":"0"' });
    const status = await api.waitUntilDelivered(run.id, DELIVERY_LIMIT_MS);
    const repeats = receiver.stats().lines_accepted - keptLines(stack.files);
    expect(repeats).toBeGreaterThan(0);
    expect(status).toMatchObject({ possible_duplicate_lines: repeats, duplicate_lines: 0 });
  });

  test("are settled by an operator without sending anything twice", async (context) => {
    const { expect } = context;
    const stack = await playing(context, { status: 204, body: "" }, { SUCCESS_PATTERN: "ok" });
    const run = await stack.api.startRun({ ...WINDOW, batch_size: BATCH });
    await stack.api.waitFor(run.id, isMismatch, DELIVERY_LIMIT_MS);
    await stack.operator.call("POST", `/runs/${run.id}/resume`, {
      answers: "success",
      note: "204 is all that they send",
    });
    const status = await stack.api.waitUntilDelivered(run.id, DELIVERY_LIMIT_MS);
    expect(status).toMatchObject({ possible_duplicate_lines: 0, uncertain_attempts: 0 });
    expect(stack.receiver.stats().lines_accepted).toBe(keptLines(stack.files));
  });
});

test("suspend the run until an operator says what each kind means", async (context) => {
  const { expect } = context;
  const bodies = ['{"code":0}', '{"code":7,"message":"quota"}', '{"code":0}'];
  const stack = await playing(context, { status: 200, body: bodies });
  const wanted = { ...WINDOW, batch_size: BATCH, max_in_flight: 1 };
  const run = await stack.api.startRun(wanted);
  const asked = await stack.api.waitFor(run.id, isAsking, DELIVERY_LIMIT_MS);
  expect(asked).toMatchObject({ stage_code: "suspended", log_lines_sent: BATCH });
  await stack.operator.call("POST", `/runs/${run.id}/resume`, { answers: { k1: "success" } });
  const status = await stack.api.waitUntilDelivered(run.id, DELIVERY_LIMIT_MS);
  expect(status).toMatchObject({ exceptions: 0, log_lines_sent: keptLines(stack.files) });
});
