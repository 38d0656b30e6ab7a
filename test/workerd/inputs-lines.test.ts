// Lines of every kind from R2 to the receiver: line ends, byte order marks, malformed lines, and five timestamp
// formats.
import { gzipSync } from "node:zlib";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { RunStatus } from "../../src/contract/views.ts";
import { InputsUnderTest, linesOf, logName, ndjson, rayIds, record } from "../support/inputs-under-test.ts";
import { HOUR, WINDOW_START } from "../support/run-under-test.ts";

const run = new InputsUnderTest();
beforeEach(() => run.setUp());
afterEach(() => run.tearDown());
const END = WINDOW_START + HOUR;
const BOM = "\ufeff";

function line(rayId: string, changes: Record<string, unknown> = {}): string {
  return JSON.stringify(record(rayId, changes));
}

/** All samples that the run kept. The status shows the first five. */
async function samplesOf(status: RunStatus) {
  const listed = await run.api.listSamples({ states: [], cursor: null, limit: 100 });
  if (!listed.ok) throw new Error(listed.code);
  const { items } = listed.page;
  const shown = items
    .slice(0, 5)
    .map(({ file, line: number, reason, bytes }) => ({ file, line: number, reason, bytes }));
  expect(status.malformed_samples).toEqual(shown);
  return items;
}

async function deliverText(text: string | Uint8Array, ...how: Parameters<InputsUnderTest["deliver"]>) {
  await run.put(logName(0), gzipSync(text));
  return run.deliver(...how);
}

describe("line ends", () => {
  it("are read as CRLF, and the file's last line needs none", async () => {
    const status = await deliverText(`${line("a")}\r\n${line("b")}\r\n${line("c")}`);
    expect(status).toMatchObject({
      stage_code: "sent_waiting_cleanup",
      lines: { read: 3, sent: 3, malformed: 0 },
    });
    expect(run.delivered).toEqual(["a", "b", "c"]);
  });

  it("are counted apart when their lines are empty", async () => {
    const status = await deliverText(`\n\r\n${line("a")}\n\n${line("b")}\n\n`);
    expect(status).toMatchObject({
      stage_code: "sent_waiting_cleanup",
      lines: { read: 2, empty: 4, sent: 2, malformed: 0 },
    });
  });

  it("follow a byte order mark, which belongs to no line", async () => {
    const status = await deliverText(`${BOM}${line("a")}\n${line("b")}\n`);
    expect(status).toMatchObject({ lines: { read: 2, malformed: 0 } });
    expect(run.delivered).toEqual(["a", "b"]);
  });

  it("end nothing when they are escaped inside a value", async () => {
    await deliverText(`${line("a", { ClientRequestURI: "/x\ny\u0001z" })}\n${line("b")}\n`);
    expect(run.delivered).toEqual(["a", "b"]);
    expect(run.posts[0]?.[0]).toContain("/x y z");
  });
});

describe("malformed lines", () => {
  it("are counted and shown with their place, while the lines around them are sent", async () => {
    const long = line("long", { ClientRequestURI: "x".repeat(5_000) });
    const text = Buffer.concat([
      Buffer.from(`${line("a")}\nnot json\n[1,2]\n"text"\nnull\n${long}\n`),
      Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d, 0x0a]),
      Buffer.from(`${line("b")}\n`),
    ]);
    const status = await deliverText(text, { maxLineBytes: 2_000, maxSuspectRatio: 1 });
    expect(status).toMatchObject({
      stage_code: "sent_waiting_cleanup",
      lines: { read: 8, kept: 2, malformed: 6, sent: 2 },
    });
    expect(run.delivered).toEqual(["a", "b"]);
    const samples = await samplesOf(status);
    expect(samples.map((sample) => [sample.line, sample.reason])).toEqual([
      [2, "not_json"],
      [3, "not_an_object"],
      [4, "not_an_object"],
      [5, "not_an_object"],
      [6, "too_long"],
      [7, "invalid_utf8"],
    ]);
    expect(samples[0]?.bytes).toBe("not json");
    expect(samples[4]?.bytes.length).toBe(200);
    expect(samples[5]?.bytes).toContain("\\xff");
  });

  it("are shown 20 a run, those of the first files", async () => {
    for (let n = 0; n < 3; n++) {
      const bad = Array.from({ length: 15 }, (_bad, i) => `bad ${n}.${i}\n`).join("");
      await run.put(logName(n), gzipSync(bad + line(`a${n}`)));
    }
    const status = await run.deliver();
    expect(status).toMatchObject({ lines: { read: 48, kept: 3, malformed: 45 } });
    const samples = await samplesOf(status);
    expect(samples).toHaveLength(20);
    expect(samples.map((sample) => sample.bytes).slice(13, 17)).toEqual([
      "bad 0.13",
      "bad 0.14",
      "bad 1.0",
      "bad 1.1",
    ]);
  });

  it("make a file suspicious when it holds nothing else", async () => {
    const key = await run.put(logName(0), gzipSync("a,b\n1,2\n"));
    await run.put(logName(1), gzipSync(linesOf(["a"])));
    const status = await run.deliver();
    expect(status).toMatchObject({ stage_code: "needs_attention", files: { suspicious: 1, closed: 1 } });
    expect(await run.reasonOf(key)).toMatch(
      /^suspicious: malformed_lines: 2 of 2 lines .* this looks like CSV/,
    );
  });
});

/** Whole seconds in the five formats of Logpush. */
const FORMATS: [string, (seconds: number) => string][] = [
  ["unix", String],
  ["unixnano", (seconds) => `${seconds}000000000`],
  ["rfc3339", (seconds) => JSON.stringify(rfc3339(seconds, ""))],
  ["rfc3339ms", (seconds) => JSON.stringify(rfc3339(seconds, ".000"))],
  ["rfc3339ns", (seconds) => JSON.stringify(rfc3339(seconds, ".000000000"))],
];

function rfc3339(seconds: number, fraction: string): string {
  return new Date(seconds * 1_000).toISOString().replace(".000Z", `${fraction}Z`);
}

/** The literal goes into the line unchanged, because JSON.stringify would round it. */
function at(rayId: string, literal: string): string {
  return `${line(rayId, { EdgeStartTimestamp: "@" }).replace('"@"', literal)}\n`;
}

describe("timestamps", () => {
  it.each(FORMATS)("are read as %s, and both edges of the window are inside", async (_name, literal) => {
    const seconds = [WINDOW_START / 1_000, WINDOW_START / 1_000 + 60, END / 1_000];
    const status = await deliverText(seconds.map((second) => at(`r${second}`, literal(second))).join(""));
    expect(run.delivered).toEqual(seconds.map((second) => `r${second}`));
    expect(status).toMatchObject({ lines: { kept: 3 } });
    // In every format, field 5 has the seconds with three decimals.
    const shown = run.posts.flat().map((sent) => sent.split("\u0001")[4]);
    expect(shown).toEqual(seconds.map((second) => `${second}.000`));
  });

  it("are outside by one nanosecond, though JSON.parse cannot see it", async () => {
    const before = BigInt(WINDOW_START) * 1_000_000n - 1n;
    const after = BigInt(END) * 1_000_000n + 1n;
    const status = await deliverText(
      [
        at("before", String(before)),
        at("first", String(before + 1n)),
        at("last", String(after - 1n)),
        at("after", String(after)),
        at("after-text", `"${after}"`),
        at("after-rfc", JSON.stringify(rfc3339(END / 1_000, ".000000001"))),
        at("last-rfc", JSON.stringify(rfc3339(END / 1_000, ".000000000"))),
      ].join(""),
    );
    expect(run.delivered).toEqual(["first", "last", "last-rfc"]);
    expect(status).toMatchObject({ lines: { read: 7, kept: 3, dropped: { outside_window: 4 } } });
  });

  it("are outside at an excluded end, and inside a nanosecond before it", async () => {
    const end = BigInt(END) * 1_000_000n;
    await deliverText(at("in", String(end - 1n)) + at("out", String(end)), { endExclusive: true });
    expect(run.delivered).toEqual(["in"]);
  });

  it("are counted and never guessed when they are unreadable", async () => {
    const status = await deliverText(
      at("a", '"2030-04-22T14:01:00"') + at("b", "null") + at("c", '"soon"') + `${line("d")}\n`,
    );
    expect(run.delivered).toEqual(["d"]);
    expect(status).toMatchObject({ lines: { dropped: { invalid_timestamp: 3 } } });
  });
});

describe("top-level requests", () => {
  const text =
    ndjson([
      record("00"),
      record("empty", { ParentRayID: "" }),
      record("null", { ParentRayID: null }),
      record("sub", { ParentRayID: "7d3c1a2b3c4d5e6f" }),
      record("worker", { WorkerSubrequest: true }),
      record("worker-text", { WorkerSubrequest: "true" }),
    ]) + `${line("absent", { ParentRayID: undefined })}\n`;

  it('are those with ParentRayID "00"', async () => {
    const status = await deliverText(text);
    expect(run.delivered).toEqual(["00"]);
    expect(status).toMatchObject({ lines: { read: 7, dropped: { not_top_level: 6 } } });
  });

  it('include those with an empty, a null and an absent id, with ["00", "", null]', async () => {
    const status = await deliverText(text, { topLevelParentRayIds: ["00", "", null] });
    expect(run.delivered).toEqual(["00", "empty", "null", "absent"]);
    expect(status).toMatchObject({ lines: { dropped: { not_top_level: 3 } } });
  });
});

describe("RayIDs that occur twice in a file", () => {
  const ids = [...rayIds("a", 150), ...rayIds("a", 20), ...rayIds("b", 10)];

  it("are sent twice and counted, because two lines may be two requests", async () => {
    const status = await deliverText(linesOf(ids));
    expect(run.delivered).toEqual(ids);
    expect(status).toMatchObject({
      repeated_ray_ids: 20,
      lines: { kept: 180, dropped: { repeated_ray_id: 0 } },
    });
  });

  it('are sent once with dedupe "file", and the rest is counted', async () => {
    const status = await deliverText(linesOf(ids), { dedupe: "file" });
    expect(run.delivered).toEqual([...rayIds("a", 150), ...rayIds("b", 10)]);
    expect(status).toMatchObject({ lines: { read: 180, kept: 160, dropped: { repeated_ray_id: 20 } } });
  });

  it("are not looked for across files", async () => {
    await run.put(logName(1), gzipSync(linesOf(["a"])));
    const status = await deliverText(linesOf(["a"]), { dedupe: "file" });
    expect(run.delivered).toEqual(["a", "a"]);
    expect(status).toMatchObject({ lines: { kept: 2, dropped: { repeated_ray_id: 0 } } });
  });

  it("are no repeats when the first one was outside the window", async () => {
    const text = ndjson([
      record("a", { EdgeStartTimestamp: WINDOW_START / 1_000 - 5 }),
      record("a"),
      record("a"),
    ]);
    await deliverText(text, { dedupe: "file" });
    expect(run.delivered).toEqual(["a"]);
  });
});
