// Notifications from outside: a local server checks every signature by the vendor's rule. The stack is killed in the middle of
// every first POST, and each event still has one id.
import { expect, it, onTestFinished } from "vitest";
import { CHANNEL_KINDS, type NotificationsView } from "../../src/contract/notifications.ts";
import { FakeChannels } from "../support/fake-channels.ts";
import { DELIVERY_LIMIT_MS, WINDOW, startStack } from "../support/stack.ts";

it("reaches every kind of channel with one id for each event, although the stack is killed during the POSTs", async () => {
  const server = await FakeChannels.start();
  onTestFinished(() => server.stop());
  const NOTIFY_CHANNELS = JSON.stringify(CHANNEL_KINDS.map((kind) => server.setting(kind)));
  const stack = await startStack({ logs: { files: 2, lines: 300 }, vars: { NOTIFY_CHANNELS } });

  server.fault = "hang";
  const run = await stack.api.startRun(WINDOW);
  await stack.api.waitUntilDelivered(run.id, DELIVERY_LIMIT_MS);
  const reached = () => server.messages.map(({ kind }) => kind).toSorted();
  await expect.poll(reached, { timeout: DELIVERY_LIMIT_MS }).toEqual(CHANNEL_KINDS.toSorted());
  await stack.dev.killGroup();

  server.fault = null;
  const { operator } = await stack.restart();
  const view = async () => (await operator.call<NotificationsView>("GET", "/notifications")).body;
  const delivered = async () =>
    (await view()).recent.filter(({ state }) => state === "delivered").map(({ channel }) => channel);
  // Each attempt that the kill interrupted counts as lost after 30 s.
  await expect
    .poll(async () => (await delivered()).toSorted(), { timeout: DELIVERY_LIMIT_MS, interval: 500 })
    .toEqual(CHANNEL_KINDS.toSorted());

  const { recent } = await view();
  expect(recent.map(({ type, attempts }) => [type, attempts])).toEqual(
    CHANNEL_KINDS.map(() => ["run.delivered", 2]),
  );
  const ids = new Set(recent.map(({ id }) => id));
  expect(ids.size).toBe(1);
  expect([...ids][0]).toMatch(new RegExp(`^${run.id}\\.\\d+$`));
  const standard = server.messages.filter(({ kind }) => kind === "standard");
  expect(standard.map(({ accepted }) => accepted)).toEqual([false, true]);
  expect(new Set(standard.map(({ id }) => id))).toEqual(ids);
  expect(new Set(standard.map(({ body }) => body)).size).toBe(1);
  expect(server.messages.filter(({ accepted }) => accepted)).toHaveLength(CHANNEL_KINDS.length);
  expect(JSON.stringify(server.messages)).not.toContain("stack-test-key");
});
