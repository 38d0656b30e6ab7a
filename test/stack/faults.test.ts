// Buckets with contents that occur in production. An earlier version delivered them only in part, and without a
// warning. Each goes through the whole stack, over HTTP only. All tests share one instance and run one after the
// other, because a receiver has one slot.
import { createHash } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { DevProcess } from "../../local/demo/dev-process.ts";
import { CaptureReceiver } from "../support/capture-receiver.ts";
import { ChaosApi, type Ledger, type Status } from "../support/chaos-api.ts";

const FEEDS = join(import.meta.dirname, "../fixtures/faults/feeds");
const LIMIT_MS = 90_000;

let dir: string;
let dev: DevProcess;
let receiver: CaptureReceiver;
let api: ChaosApi;

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), "backfill-faults-"));
  receiver = await CaptureReceiver.start();
  const vars = {
    API_TOKEN: "token",
    CTYUN_ENDPOINT: receiver.url,
    CTYUN_URI_EDGE: "/log/edge",
    CTYUN_PRIVATE_KEY: "key",
  };
  dev = await DevProcess.start({ stateDir: join(dir, "state"), logsDir: FEEDS, vars, ownGroup: true });
  api = new ChaosApi(dev.url, vars.API_TOKEN);
});
afterAll(async () => {
  await dev.stop();
  receiver.stop();
  await rm(dir, { recursive: true, force: true, maxRetries: 5 });
});

/** A test that fails in the middle must not block the slot for the next test. */
afterEach(async () => {
  const { items } = await api.read<{ items: { id: string; active: boolean }[] }>("/runs");
  for (const { id, active } of items) if (active) await aborted({ id });
});

type Outcome = Status & { foreign_keys: unknown };

/** Replays ten minutes of that day, until the run is delivered or waits for an operator. */
async function replayed(day: string, body: object = {}): Promise<Outcome> {
  receiver.take();
  const window = { start: `${day}T14:00:00Z`, end: `${day}T14:10:00Z` };
  const started = await api.call<Status>("POST", "/runs", { ...window, ...body });
  expect(started.body).toMatchObject({ id: expect.any(String) });
  expect(started.status).toBe(201);
  return settled(started.body.id);
}

async function settled(id: string): Promise<Outcome> {
  const deadline = Date.now() + LIMIT_MS;
  for (;;) {
    const status = await api.status(id);
    if (status.delivery_completed || status.stage_code === "needs_attention") return status as Outcome;
    if (Date.now() > deadline) throw new Error(`not there after ${LIMIT_MS} ms: ${JSON.stringify(status)}`);
    await wait(100);
  }
}

/** Ends a waiting run, so that the next run gets the slot. */
async function aborted({ id }: Pick<Status, "id">): Promise<void> {
  const answer = await api.call("DELETE", `/runs/${id}`);
  expect(answer.status).toBe(202);
  await expect.poll(async () => (await api.status(id)).stage_code, { timeout: LIMIT_MS }).toBe("aborted");
}

const digestOf = (lines: string[]) => createHash("sha256").update(lines.toSorted().join("\n")).digest("hex");

async function fileOf(id: string, end: string): Promise<Ledger["files"][number]> {
  const { files } = await api.ledger(id);
  const found = files.find(({ key }) => key.endsWith(end));
  if (!found) throw new Error(`no file ends in ${end}: ${files.map(({ key }) => key).join(", ")}`);
  return found;
}

function expectWaiting(status: Status): void {
  expect([status.stage_code, status.delivery_completed], status.summary).toEqual(["needs_attention", false]);
}

describe("a feed in an unusual form", () => {
  test.each([
    ["records joined by a comma", "2026-03-01", 40, "17b369212e4cb8d3bfcec1bc6eb105d85702f61ca892560a8a0c84643c6621bb"],
    ["an array over lines", "2026-03-05", 50, "5414034f71aade0fa33a576c1d2be92678a99c4f5e53080d89db52672797b800"],
    ["data centres of May 2026", "2026-04-24", 5, "df47109cc2579cb0e61b089a88dca36dd97b5f149547290ce776aa396c863bde"],
  ])("delivers every record: %s", async (_, day, lines, digest) => {
    const status = await replayed(day);
    expect(status).toMatchObject({
      delivery_completed: true,
      exceptions: 0,
      lines: { kept: lines, malformed: 0 },
    });
    const arrived = receiver.take();
    expect([arrived.length, digestOf(arrived)]).toEqual([lines, digest]);
  }); // prettier-ignore

  test.each([
    ["a file of a whole day next to a small one", "2026-03-06", 3],
    ["a file that began 90 minutes before the window", "2026-03-08", 2],
  ])("reads every file that overlaps the window: %s", async (_, day, lines) => {
    const status = await replayed(day);
    expect(status).toMatchObject({ delivery_completed: true, exceptions: 0, log_lines_sent: lines });
    expect(receiver.take()).toHaveLength(lines);
  });
});

describe("a suspicious file", () => {
  test("sends nothing before an operator decides on eight of nine unreadable times", async () => {
    const status = await replayed("2026-03-31");
    expectWaiting(status);
    expect(receiver.take()).toEqual([]);
    const { file, state } = await fileOf(status.id, "aa11.log.gz");
    expect(state).toBe("suspicious");

    const word = { send: true, note: "the other eight are probes" };
    const accepted = await api.call("POST", `/runs/${status.id}/files/${file}/accept`, word);
    expect(accepted.status).toBe(202);
    await expect
      .poll(async () => (await api.status(status.id)).delivery_completed, { timeout: LIMIT_MS })
      .toBe(true);
    expect(digestOf(receiver.take())).toBe(
      "000d274e1549bc4fc93f47928259219917828234956c475944f298a8f9be058e",
    );
    expect((await api.status(status.id)).exceptions).toBeGreaterThan(0);
  });

  test("sends nothing before an operator decides on records of two schemas", async () => {
    const status = await replayed("2026-04-26");
    expectWaiting(status);
    expect(receiver.take()).toEqual([]);
    expect((await fileOf(status.id, "aa11.log.gz")).state).toBe("suspicious");
    await aborted(status);
  });

  test("sends the file next to it, and waits while its parents are zeros", async () => {
    const status = await replayed("2026-04-28");
    expectWaiting(status);
    expect(receiver.take()).toHaveLength(3);
    expect((await fileOf(status.id, "_a.log.gz")).state).toBe("closed");
    const zeros = await fileOf(status.id, "_b.log.gz");
    expect(zeros.state).toBe("suspicious");

    const accepted = { top_level_parent_ray_ids: ["00", "0000000000000000"], note: "another account" };
    const retry = await api.call("POST", `/runs/${status.id}/files/${zeros.file}/retry`, accepted);
    expect(retry.status).toBe(202);
    await expect
      .poll(async () => (await api.status(status.id)).delivery_completed, { timeout: LIMIT_MS })
      .toBe(true);
    expect(receiver.take()).toHaveLength(30);
  });
});

describe("a day with folders", () => {
  test.each([
    ["letters and zone ids", "2026-04-02", ["023e105f", "3f2a9c", "9ab1", "example.com", "http_requests"]],
    ["a high first digit", "2026-04-04", ["5d41402abc4b2a76b9719d911017c592"]],
    ["any first character", "2026-04-10", ["-", "1700000000", "20260410-eu", "3", "9", "A", "_", "h21", "~"]],
  ])("has each folder read or named: %s", async (_, day, foreign) => {
    const status = await replayed(day);
    expectWaiting(status);
    const named = JSON.stringify(status.foreign_keys);
    expect(named).toContain("folder_with_logs");
    const prefix = `logs/${day.replaceAll("-", "")}/`;
    if (foreign.length <= 5) for (const name of foreign) expect(named).toContain(`${prefix}${name}/`);
    // The records came from the hour folders and from the day folder. None came from a folder that is only named.
    const keys = (await api.ledger(status.id)).files.map(({ key }) => key.slice(prefix.length).split("/")[0]);
    expect(keys.filter((name) => foreign.includes(name ?? ""))).toEqual([]);
    await aborted(status);
  });

  test("has a folder read that `folders` names with {DATE}", async () => {
    const name = "5d41402abc4b2a76b9719d911017c592";
    const status = await replayed("2026-04-04", { folders: [`{DATE}/${name}/`], replay: true });
    expect(status).toMatchObject({ delivery_completed: true, log_lines_sent: 10 });
    expect(digestOf(receiver.take())).toBe(
      "020ad09ecf431d52280b44b41abb59383c6403466bdb10dd4fcfbe9fe18c5fe0",
    );
  });
});
