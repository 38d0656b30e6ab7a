// Records at the edges of a hole: neither the live worker nor a run of the hole's window sends them, so the run counts
// them and says when they began.
import { env } from "cloudflare:workers";
import { gzipSync } from "node:zlib";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { isoSecond } from "../../src/contract/run-id.ts";
import { LivePlay } from "../support/live-play.ts";
import { record } from "../support/run-logs.ts";
import { HOUR, RunUnderTest, WINDOW_START } from "../support/run-under-test.ts";
import { logKey, sendAll } from "../support/run-work.ts";

const run = new RunUnderTest();
const play = new LivePlay(run);
beforeEach(() => {
  run.setUp();
  play.forget();
});
afterEach(async () => {
  await play.verify();
  run.tearDown();
});

const MINUTE = 60_000;

/** Puts a raw file of 120 records without a marker. The first `count` of them have the times of `stampOf`. */
async function put(n: number, count: number, stampOf: (at: number) => unknown): Promise<void> {
  const lines = Array.from({ length: 120 }, (_, at) => {
    const over = at < count ? { EdgeStartTimestamp: stampOf(at) } : {};
    return `${record(`f${n}-${at}`, over)}\n`;
  });
  await env.LOGS.put(logKey(run, n), gzipSync(lines.join("")));
}

/** `early` records began a minute or more before the window. */
async function putEarly(n: number, early: number): Promise<void> {
  await put(n, early, (at) => (WINDOW_START - MINUTE - at * 1_000) / 1_000);
}

async function putAt(n: number, count: number, stamp: unknown): Promise<void> {
  await put(n, count, () => stamp);
}

describe("a run that skips what the live worker delivered", () => {
  it("counts the records that nothing delivers, for the run and for each file", async () => {
    await play.putWhole();
    await putEarly(3, 7);
    await putEarly(4, 2);
    await play.start();
    expect(await run.status()).toMatchObject({ live: { outside_not_delivered: null } });
    await play.parse(1, 2, 3, 4, 5);
    await sendAll(run);
    expect(await run.status()).toMatchObject({
      lines: { kept: 231, dropped: { outside_window: 9 } },
      live: {
        outside_not_delivered: {
          before: 9,
          after: 0,
          first: new Date(WINDOW_START - MINUTE - 6_000).toISOString(),
          last: new Date(WINDOW_START - MINUTE).toISOString(),
          windows: [{ start: isoSecond(WINDOW_START - MINUTE - 6_000), end: isoSecond(WINDOW_START) }],
        },
      },
    });
    const files = await play.files();
    expect(files.map(({ live }) => live?.outside_not_delivered?.before ?? null)).toEqual([
      null,
      null,
      null,
      7,
      2,
    ]);
  });

  it("counts a file once when the file is parsed again", async () => {
    await play.putWhole();
    await putEarly(3, 7);
    await play.start();
    await play.parse(1, 2, 3, 4);
    await sendAll(run);
    const by = { actor: "token", note: "again" } as const;
    await run.api.operate({
      do: "retry_file",
      file: 4,
      allowDuplicates: true,
      replay: false,
      ...by,
    } as never);
    await run.settle();
    await play.parse(4);
    expect(await run.status()).toMatchObject({ live: { outside_not_delivered: { before: 7, after: 0 } } });
  });

  it("names the window of records in the second after an end that is inside", async () => {
    const end = WINDOW_START + HOUR;
    await play.putWhole();
    await putAt(3, 7, new Date(end + 500).toISOString());
    await play.start();
    await play.parse(1, 2, 3, 4);
    await sendAll(run);
    const windows = [{ start: isoSecond(end), end: isoSecond(end + 1_000) }];
    expect(await run.status()).toMatchObject({ live: { outside_not_delivered: { after: 7, windows } } });
  });

  it.each([
    ["the epoch", 5],
    ["two days earlier", (WINDOW_START - 48 * HOUR) / 1_000],
    ["the latest readable time", 8_640_000_000_000_000],
  ])("leaves out a record with the time of %s, which says nothing about the edges", async (_time, stamp) => {
    await play.putWhole();
    await putAt(3, 1, stamp);
    await putEarly(4, 2);
    await play.start();
    await play.parse(1, 2, 3, 4, 5);
    await sendAll(run);
    const windows = [{ start: isoSecond(WINDOW_START - MINUTE - 1_000), end: isoSecond(WINDOW_START) }];
    expect(await run.status()).toMatchObject({
      lines: { dropped: { outside_window: 3 } },
      live: { outside_not_delivered: { before: 2, after: 0, windows } },
    });
  });
});
