// Records at the edges of a hole: neither the live worker nor a run of the hole's window sends them, so the run counts
// them and says when they began.
import { env } from "cloudflare:workers";
import { gzipSync } from "node:zlib";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { isoSecond } from "../../src/contract/run-id.ts";
import { LivePlay } from "../support/live-play.ts";
import { record } from "../support/run-logs.ts";
import { RunUnderTest, WINDOW_START } from "../support/run-under-test.ts";
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

/** Puts a raw file of 120 records without a marker. `early` of them began a minute or more before the window. */
async function putEarly(n: number, early: number): Promise<void> {
  const lines = Array.from({ length: 120 }, (_, at) => {
    const over = at < early ? { EdgeStartTimestamp: (WINDOW_START - MINUTE - at * 1_000) / 1_000 } : {};
    return `${record(`f${n}-${at}`, over)}\n`;
  });
  await env.LOGS.put(logKey(run, n), gzipSync(lines.join("")));
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
});
