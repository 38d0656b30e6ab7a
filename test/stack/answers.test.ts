// The whole stack with a partner whose answers vary, end early, never end, or do not match SUCCESS_PATTERN.
import { describe, expect, test } from "vitest";
import type { StatusAction } from "../../local/receiver/behaviour.ts";
import type { RunStatus } from "../../src/contract/views.ts";
import {
  DELIVERY_LIMIT_MS,
  WINDOW,
  keptLines,
  sharedStack,
  startStack,
  type Stack,
} from "../support/stack.ts";
import faults from "../fixtures/faults/answers.json";

const logs = { files: 1, lines: 1_200 };
const BATCH = 100;

type Answer = Omit<StatusAction, "do">;

/** Starts another run over the same window, at a receiver that answers each POST in this way. Returns the run's id. */
async function startedAt(
  stack: Stack,
  answer: Answer,
  over: { max_in_flight?: number } = {},
): Promise<string> {
  stack.receiver.behave({ rules: [{ do: "status", ...answer }] });
  const wanted = { ...WINDOW, batch_size: BATCH, replay: true, ...over };
  const { status, body } = await stack.operator.call<{ id: string }>("POST", "/runs", wanted);
  expect(status).toBe(201);
  return body.id;
}

/** A test that expects no probe and no retry waits this long, in ms. */
const QUIET_MS = 12_000;

function isMismatch(status: RunStatus): boolean {
  return status.state_reason?.code === "receiver_answer_does_not_match" && status.leases_out === 0;
}

function isAsking(status: RunStatus): boolean {
  return status.state_reason?.code === "unusual_answers";
}

describe("a receiver without SUCCESS_PATTERN", () => {
  const stack = sharedStack({ logs });

  for (const { varies, bodies } of faults.healthy) {
    test(`is never asked about while its answers vary by ${varies}`, async () => {
      const { api, receiver, files } = stack();
      const id = await startedAt(stack(), { status: 200, body: bodies });
      const status = await api.waitUntilDelivered(id, DELIVERY_LIMIT_MS);
      expect([status.log_lines_sent, status.exceptions]).toEqual([keptLines(files), 0]);
      expect(receiver.stats().lines_accepted).toBe(keptLines(files));
    });
  }

  test("suspends the run until an operator says what each kind of answer means", async () => {
    const { api, operator, files } = stack();
    const body = ['{"code":0}', '{"code":7,"message":"quota"}', '{"code":0}'];
    const id = await startedAt(stack(), { status: 200, body }, { max_in_flight: 1 });
    const asked = await api.waitFor(id, isAsking, DELIVERY_LIMIT_MS);
    expect(asked).toMatchObject({ stage_code: "suspended", log_lines_sent: BATCH });
    await operator.call("POST", `/runs/${id}/resume`, { answers: { k1: "success" } });
    const status = await api.waitUntilDelivered(id, DELIVERY_LIMIT_MS);
    expect(status).toMatchObject({ exceptions: 0, log_lines_sent: keptLines(files) });
  });
});

describe("a receiver with SUCCESS_PATTERN", () => {
  const stack = sharedStack({ logs, vars: { SUCCESS_PATTERN: "ok", SEND_TIMEOUT_MS: "2500" } });

  for (const { what, answer } of faults.matchedButIncomplete) {
    test(`settles the batch once, because its incomplete body matches: ${what}`, async () => {
      const { api, receiver, files } = stack();
      const id = await startedAt(stack(), answer as Answer);
      const status = await api.waitUntilDelivered(id, DELIVERY_LIMIT_MS);
      expect(status).toMatchObject({ uncertain_attempts: 0, possible_duplicate_lines: 0 });
      expect(receiver.stats().lines_accepted).toBe(keptLines(files));
    });
  }

  test("counts a match in a body that its Content-Encoding names wrongly, and sends nothing twice", async () => {
    const { api, receiver, files } = stack();
    const id = await startedAt(stack(), { status: 200, body: "ok", content_encoding: "gzip" });
    const status = await api.waitUntilDelivered(id, DELIVERY_LIMIT_MS);
    expect(status).toMatchObject({ uncertain_attempts: 0, possible_duplicate_lines: 0 });
    expect(receiver.stats()).toMatchObject({ lines_accepted: keptLines(files), duplicate_lines: 0 });
  });

  test("sends nothing twice when an operator settles answers that do not match", async () => {
    const { api, operator, receiver, files } = stack();
    const id = await startedAt(stack(), { status: 204, body: "" });
    await api.waitFor(id, isMismatch, DELIVERY_LIMIT_MS);
    const decision = { answers: "success", note: "204 is all that they send" };
    await operator.call("POST", `/runs/${id}/resume`, decision);
    const status = await api.waitUntilDelivered(id, DELIVERY_LIMIT_MS);
    expect(status).toMatchObject({ possible_duplicate_lines: 0, uncertain_attempts: 0 });
    expect(receiver.stats().lines_accepted).toBe(keptLines(files));
  });
});

test("suspends the run as uncertain at answers that do not match, until the pattern is mended", async () => {
  const stack = await startStack({ logs, vars: { SUCCESS_PATTERN: '"code":0' } });
  const { receiver } = stack;
  const id = await startedAt(stack, { status: 200, body: '{"code":"0","message":"SUCCESS"}' });
  await stack.api.waitFor(id, isMismatch, DELIVERY_LIMIT_MS);
  const posts = receiver.stats().requests;
  await new Promise((resolve) => setTimeout(resolve, QUIET_MS));
  expect(receiver.stats().requests).toBe(posts);
  const suspended = await stack.api.status(id);
  expect(suspended).toMatchObject({ log_lines_sent: 0, uncertain_attempts: posts });
  expect(suspended.answers).toMatchObject({ bodies: [{ body: '{"code":"0","message":"SUCCESS"}' }] });
  await stack.dev.stop();
  const { api } = await stack.restart({ SUCCESS_PATTERN: '"code":"0"' });
  const status = await api.waitUntilDelivered(id, DELIVERY_LIMIT_MS);
  const repeats = receiver.stats().lines_accepted - keptLines(stack.files);
  expect(repeats).toBeGreaterThan(0);
  expect(status).toMatchObject({ possible_duplicate_lines: repeats, duplicate_lines: 0 });
});
