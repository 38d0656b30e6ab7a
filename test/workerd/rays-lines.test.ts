// GET /runs/:id/rays/:ray: whether the line of one request was sent.
import { gzipSync } from "node:zlib";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { continued } from "../support/continue-play.ts";
import { linesOf, logName, ndjson, rayIds, record } from "../support/inputs-under-test.ts";
import { LivePlay, upTo } from "../support/live-play.ts";
import { IDS, MINUTE, RaysUnderTest } from "../support/rays-under-test.ts";
import { HOUR, WINDOW_START } from "../support/run-under-test.ts";

const run = new RaysUnderTest();
beforeEach(() => run.setUp());
afterEach(() => run.tearDown());

/** The receiver refuses each body with the line. */
function refuse(rayId: string, status: number): void {
  run.receive = (lines) => {
    const isBad = lines.some((line) => line.includes(rayId));
    return isBad ? new Response("no", { status }) : new Response("ok");
  };
}

describe("a kept line", () => {
  it("is sent, with its batch, its answer, and the line as the receiver got it", async () => {
    const key = await run.deliverThree();
    const sent = run.posts.flat().find((line) => line.split("\u0001")[2] === IDS[137]);
    expect(await run.theOnly(IDS[137]!)).toMatchObject({
      file: 1,
      key,
      line: 138,
      fate: "kept",
      reason: null,
      verdict: "sent",
      detail: expect.stringMatching(/^accepted at 2030-.*Z with status 200$/),
      deliveries: { certain: 1, possible: 0 },
      batch: 2,
      line_in_batch: 38,
      batches: [{ batch: 2, state: "done", answer_status: 200 }],
      text: sent,
    });
  });

  it("has the same answer after the packs are deleted", async () => {
    await run.deliverThree();
    const before = await run.ask(IDS[3]!);
    await run.wait(30 * 24 * HOUR);
    expect(await run.stage()).toBe("cleaned");
    expect((await run.ask(IDS[3]!)).json).toEqual(before.json);
  });

  it("is sent at an unknown time when an older version recorded it", async () => {
    await run.deliverThree();
    await run.rows("UPDATE batches SET done_at = NULL, answer_status = NULL");
    expect(await run.theOnly(IDS[3]!)).toMatchObject({
      verdict: "sent",
      detail: "accepted; an older version did not record when, and with which status",
    });
  });

  it("waits while its file is not parsed", async () => {
    await run.put(logName(0), gzipSync(linesOf(IDS)));
    await run.start();
    await run.settle();
    expect(await run.theOnly(IDS[3]!)).toMatchObject({
      verdict: "not_sent_yet",
      detail: "file 1 is listed",
      batch: null,
    });
  });

  it("may be sent when the answer was lost, and is sent, perhaps twice, once it is repeated", async () => {
    await run.put(logName(0), gzipSync(linesOf(IDS)));
    run.receive = () => {
      throw new Error("connection reset");
    };
    await run.deliver({}, { onUncertain: "hold" });
    expect(await run.theOnly(IDS[3]!)).toMatchObject({
      verdict: "maybe_sent",
      detail: expect.stringContaining("1 attempts may have been accepted"),
      deliveries: { certain: 0, possible: 1 },
      batches: [{ state: "held", exceptional_attempts: [{ attempt: 1, state: "uncertain" }] }],
    });
    run.receive = () => new Response("ok");
    await run.decide({ do: "retry_batch", batch: 1 });
    await run.wait(MINUTE);
    await run.drive();
    expect(await run.theOnly(IDS[3]!)).toMatchObject({
      verdict: "sent",
      deliveries: { certain: 1, possible: 1 },
    });
  });

  it("is in the part of a split batch that holds it", async () => {
    const bad = IDS[170]!;
    await run.put(logName(0), gzipSync(linesOf(IDS.slice(0, 200))));
    refuse(bad, 413);
    await run.deliver({}, { onRefused: "split", refusalIsAtomic: true });
    for (let n = 0; n < 20; n += 1) {
      await run.wait(MINUTE);
      await run.drive();
    }
    const refused = await run.theOnly(bad);
    expect(refused).toMatchObject({ verdict: "not_sent", line_in_batch: 1 });
    expect(refused.batches.at(-1)).toMatchObject({ state: "refused", lines: 1 });
    expect(refused.batches[0]).toMatchObject({ state: "split", batch: 2 });
    const other = await run.theOnly(IDS[169]!);
    const body = run.posts.findLast((lines) => lines.some((line) => line.includes(IDS[169]!)))!;
    expect(other).toMatchObject({
      verdict: "sent",
      text: body[(other["line_in_batch"] as number) - 1],
    });
    for (const at of [100, 149, 150, 199])
      expect(await run.theOnly(IDS[at]!)).toMatchObject({ verdict: "sent" });
  });

  it.each([
    ["discard", "not_sent", "batch 2 is discarded: resolved as discarded: by hand"],
    ["delivered", "sent", expect.stringMatching(/^resolved as delivered: by hand, at 2030-/)],
  ] as const)("follows an operator's word that its batch is to %s", async (outcome, verdict, detail) => {
    await run.put(logName(0), gzipSync(linesOf(IDS.slice(0, 150))));
    refuse(IDS[120]!, 400);
    await run.deliver();
    expect(await run.theOnly(IDS[120]!)).toMatchObject({
      verdict: "not_sent",
      batches: [{ state: "refused" }],
    });
    await run.decide({ do: "resolve_batch", batch: 2, outcome, note: "by hand" });
    expect(await run.theOnly(IDS[120]!)).toMatchObject({ verdict, detail });
    expect(await run.theOnly(IDS[3]!)).toMatchObject({ verdict: "sent" });
  });

  it("was sent by the run that this run continues", async () => {
    await run.put(logName(0), gzipSync(linesOf(IDS.slice(0, 150))));
    refuse(IDS[120]!, 400);
    await run.deliver();
    const earlier = await continued(run);
    run.receive = () => new Response("ok");
    await run.drive();
    expect(await run.theOnly(IDS[3]!)).toMatchObject({
      verdict: "sent_by_earlier_run",
      detail: `delivered by ${earlier}`,
    });
    expect(await run.theOnly(IDS[120]!)).toMatchObject({ verdict: "sent" });
  });

  it("is not sent by a dry run", async () => {
    await run.put(logName(0), gzipSync(linesOf(IDS)));
    await run.deliver({}, { dryRun: true });
    expect(await run.theOnly(IDS[249]!)).toMatchObject({
      verdict: "not_sent",
      detail: "batch 3 is discarded: counted by a dry run, never sent",
      line: 250,
      line_in_batch: 50,
    });
  });

  it("is found in the readable part of a salvaged file, and nothing behind it", async () => {
    const ids = rayIds("s", 4_000);
    const whole = gzipSync(ndjson(ids.map((id, n) => record(id, { ClientRequestURI: `/${n * 7_919}` }))));
    await run.put(logName(0), whole.subarray(0, whole.length - 9_000));
    await run.deliver({ onCorrupt: "salvage" });
    expect(await run.theOnly(ids[5]!)).toMatchObject({ verdict: "sent" });
    const cut = await run.ask(ids[3_999]!);
    expect(cut.json).toMatchObject({
      found: [],
      looked_at: [
        { result: "searched", detail: expect.stringMatching(/^only the first \d+ lines can be read$/) },
      ],
    });
  });

  it("is found in a list of several records on a line", async () => {
    const rows = IDS.slice(0, 6).map((id) => record(id));
    await run.put(
      logName(0),
      gzipSync(`${JSON.stringify(rows.slice(0, 3))}\n${JSON.stringify(rows.slice(3))}\n`),
    );
    await run.deliver();
    expect(await run.theOnly(IDS[4]!)).toMatchObject({ line: 2, verdict: "sent", line_in_batch: 5 });
  });

  it("is found each time that it occurs, in every file", async () => {
    await run.put(logName(0), gzipSync(linesOf(["x", "twice", "y"])));
    await run.put(logName(1), gzipSync(linesOf(["twice", "twice"])));
    await run.deliver();
    expect((await run.found("twice")).map(({ file, line, verdict }) => [file, line, verdict])).toEqual([
      [1, 2, "sent"],
      [2, 1, "sent"],
      [2, 2, "sent"],
    ]);
  });
});

describe("a line that is not kept", () => {
  it.each([
    ["not_top_level", record("x", { ParentRayID: "abc" })],
    ["not_top_level", record("x", { WorkerSubrequest: true })],
    ["invalid_timestamp", record("x", { EdgeStartTimestamp: "when" })],
    ["outside_window", record("x", { EdgeStartTimestamp: WINDOW_START / 1_000 - 9 })],
  ])("is dropped as %s", async (reason, row) => {
    await run.put(logName(0), gzipSync(ndjson([...IDS.map((id) => record(id)), row])));
    await run.deliver();
    expect(await run.theOnly("x")).toMatchObject({
      line: 251,
      fate: "dropped",
      reason,
      verdict: "not_sent",
      detail: `dropped: ${reason}`,
      batch: null,
      text: null,
    });
  });

  it("is dropped as a repeat, and the first one is sent", async () => {
    await run.put(logName(0), gzipSync(linesOf(["x", "y", "x"])));
    await run.deliver({ dedupe: "file" });
    expect((await run.found("x")).map(({ line, reason, verdict }) => [line, reason, verdict])).toEqual([
      [1, null, "sent"],
      [3, "repeated_ray_id", "not_sent"],
    ]);
  });

  it("is malformed when its bytes hold the RayID", async () => {
    await run.put(logName(0), gzipSync(`${linesOf(IDS)}{"RayID":"broken\n`));
    await run.deliver();
    expect(await run.theOnly("broken")).toMatchObject({
      line: 251,
      fate: "malformed",
      reason: "not_json",
      verdict: "not_sent",
    });
  });

  it("was sent by the live worker, and its marker is named", async () => {
    const play = new LivePlay(run);
    await play.putWhole();
    await play.put(3, 420, [0, 1, 3]);
    await play.start();
    await play.parse(1, 2, 3, 4);
    const live = await run.found("f3-130");
    expect(live).toMatchObject([{ reason: "delivered_live", verdict: "sent_by_live_worker", line: 131 }]);
    expect(live[0]?.["live_marker"]).toMatch(/^live-.*-1\.txt\.done$/);
    await run.drive();
    // A marker that appears later changes nothing, because the run has stored the markers of the file.
    await play.mark(3, 2);
    expect(await run.theOnly("f3-250")).toMatchObject({
      reason: null,
      verdict: "sent",
      line_in_batch: 51,
      batch: 1,
    });
  });

  it("is not decided before the markers of its file are frozen", async () => {
    const play = new LivePlay(run);
    await play.put(0, 250, upTo(3));
    await play.start();
    const [first] = await run.found("f0-5");
    expect(first).toMatchObject({ verdict: "not_sent_yet" });
    expect(first?.["detail"]).toContain("the parse decides whether the live worker delivered the line");
  });

  it("is kept where the borders of the live worker's batches are unknown", async () => {
    const play = new LivePlay(run);
    await play.putWhole();
    await play.put(3, 420, [0, 1], `${JSON.stringify(record("x"))},\n`);
    await play.start();
    await play.parse(1, 2, 3, 4);
    expect(await run.found("f3-5")).toMatchObject([{ fate: "kept", batch: 1, verdict: "not_sent" }]);
  });
});
