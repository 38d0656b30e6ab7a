// Notices that come while NOTIFY_CHANNELS does not name all of its channels: the whole list cannot be read, or an
// entry has no usable name.
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { BackfillRun } from "../../durable-objects/backfill-run/backfill-run.ts";
import { RUN, holeNotice, runNotice } from "../support/notices.ts";
import { HOOK, NotifierUnderTest, TALK, accepted } from "../support/notifier-under-test.ts";

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;
const OTHER = { ...HOOK, name: "other", url: "https://other.test/" };
const notifier = new NotifierUnderTest();
beforeEach(() => notifier.begin());
afterEach(() => notifier.end());

const hosts = () => notifier.posts.map(({ host, id }) => `${host} ${id}`).toSorted();

describe("a notice that comes while the whole list cannot be read", () => {
  const noList = `${JSON.stringify([HOOK])},`;

  it("is sent once to each channel that wants it when the list is corrected", async () => {
    notifier.vars({ NOTIFY_CHANNELS: noList });
    await notifier.rpc.accept(runNotice());
    await notifier.rpc.accept(runNotice());
    await notifier.rpc.accept(holeNotice(1));
    await notifier.wait(DAY);
    expect((await notifier.shown()).pending).toMatchObject([
      { id: "coverage.7", channel: "unnamed channels", attempts: 0, next_attempt_at: null, outcome: "bad_channel" },
      { id: `${RUN}.412`, channel: "unnamed channels" },
    ]); // prettier-ignore
    notifier.channels(HOOK, { ...OTHER, events: ["hole_found"] });
    await notifier.wait(DAY);
    expect(hosts()).toEqual([`hook.test ${RUN}.412`, "hook.test coverage.7", "other.test coverage.7"]);
    const { pending, given_up } = await notifier.shown();
    expect([pending, given_up]).toEqual([[], []]);
  });

  it("is not looked at again when the corrected list has no channel for it", async () => {
    notifier.vars({ NOTIFY_CHANNELS: noList });
    await notifier.rpc.accept(runNotice());
    notifier.channels({ ...HOOK, events: ["aborted"] });
    await notifier.wait(MINUTE);
    expect(await notifier.rows("SELECT * FROM deliveries")).toEqual([]);
    notifier.channels(HOOK);
    await notifier.wait(DAY);
    expect(notifier.posts).toEqual([]);
  });

  it("is given up and reported when the list is not corrected for 30 days", async () => {
    const told = vi.spyOn(BackfillRun.prototype, "notificationGivenUp").mockResolvedValue();
    notifier.vars({ NOTIFY_CHANNELS: noList });
    await notifier.rpc.accept(runNotice());
    vi.setSystemTime(Date.now() + 30 * DAY - MINUTE);
    await notifier.turn();
    expect(told).not.toHaveBeenCalled();
    await notifier.wait(10 * MINUTE);
    expect(told.mock.calls).toEqual([[412, "unnamed channels"]]);
    expect(await notifier.rpc.counts()).toContainEqual({
      channel: "unnamed channels",
      outcome: "given_up",
      count: 1,
    });
    notifier.channels(HOOK);
    await notifier.wait(DAY);
    expect(notifier.posts).toEqual([]);
  });
});

describe("a notice that waits to be sent again to a channel", () => {
  it.each([
    ["the whole list cannot be read", "["],
    ["the name of the channel cannot be read", JSON.stringify([{ ...HOOK, name: "the hook" }, TALK])],
  ])("loses no attempt while %s", async (_why, broken) => {
    notifier.channels(HOOK);
    notifier.reply = () => new Response(null, { status: 500 });
    await notifier.rpc.accept(runNotice());
    await notifier.turn();
    notifier.vars({ NOTIFY_CHANNELS: broken });
    await notifier.wait(DAY);
    expect((await notifier.shown()).pending).toMatchObject([
      { channel: "hook", attempts: 1, outcome: "refused" },
    ]);
    notifier.reply = accepted;
    notifier.channels(HOOK);
    await notifier.wait(10 * MINUTE);
    expect((await notifier.shown()).recent).toMatchObject([
      { channel: "hook", state: "delivered", attempts: 2 },
    ]);
  });

  it("is given up when the list no longer has the channel", async () => {
    vi.spyOn(BackfillRun.prototype, "notificationGivenUp").mockResolvedValue();
    notifier.channels(HOOK);
    notifier.reply = () => new Response(null, { status: 500 });
    await notifier.rpc.accept(runNotice());
    await notifier.turn();
    notifier.channels(TALK);
    await notifier.wait(DAY);
    expect((await notifier.shown()).given_up).toMatchObject([{ channel: "hook", outcome: "bad_channel" }]);
  });
});

describe("a notice for a channel without a usable name", () => {
  it("is sent when the name is corrected, and reaches the other channels at once", async () => {
    notifier.channels({ ...HOOK, name: "ops team" }, TALK);
    await notifier.rpc.accept(runNotice());
    await notifier.wait(MINUTE);
    expect(hosts()).toEqual(["oapi.dingtalk.test null"]);
    const { channels } = await notifier.shown();
    expect(channels.map(({ name, pending }) => [name, pending])).toEqual([
      ["entry 1", 1],
      ["talk", 0],
    ]);
    notifier.channels({ ...HOOK, name: "ops-team" }, TALK);
    await notifier.wait(DAY);
    expect(hosts()).toEqual([`hook.test ${RUN}.412`, "oapi.dingtalk.test null"]);
  });

  it("waits until the last of several names is corrected", async () => {
    notifier.channels(HOOK, { ...OTHER, name: "hook" }, { ...TALK, name: "" });
    await notifier.rpc.accept(runNotice());
    await notifier.wait(MINUTE);
    expect(hosts()).toEqual([`hook.test ${RUN}.412`]);
    notifier.channels(HOOK, OTHER, { ...TALK, name: "" });
    await notifier.wait(DAY);
    expect(hosts()).toEqual([`hook.test ${RUN}.412`, `other.test ${RUN}.412`]);
    notifier.channels(HOOK, OTHER, TALK);
    await notifier.wait(DAY);
    expect(hosts()).toEqual([`hook.test ${RUN}.412`, "oapi.dingtalk.test null", `other.test ${RUN}.412`]);
    expect((await notifier.shown()).pending).toEqual([]);
  });
});
