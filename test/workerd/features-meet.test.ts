// Two features together: the status stays correct, nothing is sent twice, and the operator can resolve every
// situation.
import { env } from "cloudflare:workers";
import { gzipSync } from "node:zlib";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { RunStatus } from "../../src/contract/views.ts";
import { continued } from "../support/continue-play.ts";
import {
  InputsUnderTest,
  linesOf,
  logName,
  rayIds,
  record,
  ndjson,
  sizedLog,
} from "../support/inputs-under-test.ts";
import { HOUR } from "../support/run-under-test.ts";

const run = new InputsUnderTest();
beforeEach(() => run.setUp());
afterEach(() => run.tearDown());

const CUT = '{"RayID":"cu\n';
/** A file of 250 good lines (three batches) and 20 lines that are cut off. */
const putSuspicious = (n = 0) =>
  run.put(logName(n), gzipSync(linesOf(rayIds(`s${n}`, 250)) + CUT.repeat(20)));
const once = () => new Set(run.delivered).size === run.delivered.length;

async function verified(): Promise<void> {
  const { verification } = await run.decide({ do: "verify" });
  expect(verification).toMatchObject({ last: { differences: [] } });
}

/** Drives the run until it has nothing more to do by itself within `ms`. */
async function driveFor(ms: number): Promise<RunStatus> {
  for (let passed = 0; passed < ms; passed += 20_000) {
    await run.wait(20_000);
    await run.drive();
  }
  return run.status();
}

async function continuedNow(): Promise<RunStatus> {
  run.receive = () => new Response("ok");
  await continued(run);
  return run.drive();
}

describe("a suspicious file and continue_of", () => {
  it("waits again when no decision was given, and sends nothing", async () => {
    await putSuspicious();
    await run.deliver();
    const status = await continuedNow();
    expect(run.posts).toEqual([]);
    expect(status).toMatchObject({
      stage_code: "needs_attention",
      files: { suspicious: 1 },
      lines: { held: 250 },
    });
    await run.decide({ do: "accept_file", file: 1, send: true, note: "seen" });
    expect(run.delivered).toHaveLength(250);
    await verified();
  });

  it("inherits the decision to send, counts an exception, and sends only what is left", async () => {
    await putSuspicious();
    await run.deliver();
    run.receive = () => (run.posts.length > 1 ? new Response("", { status: 503 }) : new Response("ok"));
    await run.decide({ do: "accept_file", file: 1, send: true, note: "seen" });
    expect((await run.status()).lines.sent).toBe(100);
    run.posts = [];
    const status = await continuedNow();
    expect(status).toMatchObject({
      stage_code: "sent_waiting_cleanup",
      exceptions: 1,
      files: { suspicious: 0 },
    });
    expect(run.delivered).toHaveLength(150);
    await verified();
  });

  it("inherits the decision to discard", async () => {
    await putSuspicious();
    await run.put(logName(1), gzipSync(linesOf(rayIds("b", 5))));
    run.receive = () => new Response("", { status: 503 });
    await run.deliver();
    await run.decide({ do: "accept_file", file: 1, send: false, note: "seen" });
    run.posts = [];
    const status = await continuedNow();
    expect(status).toMatchObject({
      stage_code: "sent_waiting_cleanup",
      exceptions: 1,
      files: { accepted: 1 },
    });
    expect(run.delivered).toHaveLength(5);
    await verified();
  });

  it("inherits how one file is read: salvage, and which ids are top-level", async () => {
    const packed = gzipSync(linesOf(rayIds("c", 500)));
    await run.put(logName(0), packed.subarray(0, packed.length - 20));
    await run.put(
      logName(1),
      gzipSync(ndjson(rayIds("z", 30).map((id) => record(id, { ParentRayID: "0000000000000000" })))),
    );
    run.receive = () => new Response("", { status: 503 });
    await run.deliver();
    await run.decide({ do: "retry_file", file: 1, allowDuplicates: false, onCorrupt: "salvage" });
    await run.decide({
      do: "retry_file",
      file: 2,
      allowDuplicates: false,
      topLevelParentRayIds: ["00", "0000000000000000"],
    });
    run.posts = [];
    const status = await continuedNow();
    expect(status).toMatchObject({ stage_code: "sent_waiting_cleanup", exceptions: 1, files: { closed: 2 } });
    expect(run.delivered.filter((id) => id.startsWith("z"))).toHaveLength(30);
    expect(run.delivered.filter((id) => id.startsWith("c")).length).toBeGreaterThan(100);
    await verified();
  });
});

const held = async () => (await run.files()).find(({ state }) => state === "suspicious")?.file ?? 0;

describe("two keys of one name and size", () => {
  const name = "20300422T143000Z_20300422T143030Z_a.log.gz";
  const twice = async () => {
    for (const folder of ["20300422/", "20300422/14/"]) await run.put(folder + name, sizedLog("same", 1));
    return run.deliver();
  };
  it("are both sent when the second is accepted with send, which is an exception", async () => {
    await twice();
    const status = await run.decide({ do: "accept_file", file: await held(), send: true, note: "two jobs" });
    expect(run.delivered).toEqual(["same", "same"]);
    expect(status).toMatchObject({ stage_code: "sent_waiting_cleanup", exceptions: 1, files: { closed: 2 } });
    expect((await run.files()).map(({ reason }) => reason)).not.toContain("duplicate_objects");
    await verified();
  });

  it("are named again when the second comes late, and the run ends once it is accepted", async () => {
    await run.put(`20300422/${name}`, sizedLog("same", 1));
    await run.deliver();
    await run.wait(HOUR);
    expect((await run.drive()).stage_code).toBe("sent_waiting_cleanup");
    await run.put(`20300422/14/${name}`, sizedLog("same", 1));
    await run.wait(HOUR + 600_000);
    const late = await run.drive();
    expect(late).toMatchObject({ stage_code: "needs_attention", state_reason: { code: "late_files" } });
    const taken = await run.decide({ do: "take_late" });
    expect(taken).toMatchObject({
      stage_code: "needs_attention",
      state_reason: { code: "duplicate_objects" },
    });
    const status = await run.decide({ do: "accept_file", file: await held(), note: "a copy" });
    expect(status).toMatchObject({ stage_code: "sent_waiting_cleanup", exceptions: 1 });
    expect(run.delivered).toEqual(["same"]);
    await verified();
  });

  it("wait again in a continuing run, which leaves the accepted one out until its retry", async () => {
    run.receive = () => new Response("", { status: 503 });
    await twice();
    await run.decide({ do: "accept_file", file: await held(), note: "a copy" });
    run.posts = [];
    const status = await continuedNow();
    expect(status.state_reason?.code).toBe("duplicate_objects");
    await run.decide({ do: "retry_file", file: await held(), allowDuplicates: false });
    expect(run.delivered).toEqual(["same", "same"]);
    await verified();
  });
});

describe("shares over the whole run", () => {
  it("wait again when a late file makes them worse, not when it makes them better", async () => {
    for (let n = 0; n < 4; n += 1)
      await run.put(logName(n), gzipSync(`${linesOf(rayIds(`${n}`, 50))}${"x\n".repeat(2)}`));
    await run.deliver();
    expect(await run.decide({ do: "accept_codes", codes: ["suspect_records"], note: "seen" })).toMatchObject({
      stage_code: "sent_waiting_cleanup",
      exceptions: 1,
    });
    await run.put(logName(5), gzipSync(`${linesOf(rayIds("e", 50))}${"x\n".repeat(4)}`));
    await run.wait(2 * HOUR + 60_000);
    await run.drive();
    expect((await run.status()).state_reason?.code).toBe("late_files");
    const taken = await run.decide({ do: "take_late" });
    expect(taken.state_reason?.code).toBe("suspect_records");
    const status = await run.decide({ do: "accept_codes", codes: ["suspect_records"], note: "seen" });
    expect(status).toMatchObject({ stage_code: "sent_waiting_cleanup", lines: { sent: 250 } });
    await verified();
  });
});

describe("a receiver that asks to wait", () => {
  it("delays the run no longer than it asked when the clock is set back, and pause and abort still work", async () => {
    for (let n = 0; n < 3; n += 1) await run.put(logName(n), gzipSync(linesOf(rayIds(`${n}`, 100))));
    let asks = true;
    run.receive = () =>
      asks ? new Response("", { status: 503, headers: { "Retry-After": "1800" } }) : new Response("ok");
    await run.deliver();
    asks = false;
    const posted = run.posts.length;
    await driveFor(120_000);
    expect(run.posts).toHaveLength(posted);
    const waiting = await run.status();
    expect([waiting.stage_code, waiting.state_reason?.code]).toEqual(["suspended", "receiver_asked_to_wait"]);
    run.pass(-2 * HOUR);
    await run.evict();
    await run.status();
    await driveFor(600_000);
    expect(run.posts).toHaveLength(posted);
    const after = await run.status();
    expect(after.state_reason?.code).toBe("receiver_asked_to_wait");
    await run.command({ do: "pause", park: false, note: "a look" });
    expect((await run.status()).stage_code).toBe("paused");
    await run.command({ do: "resume", acceptReceiver: false, answers: null });
    expect((await run.status()).state_reason?.code).toBe("receiver_asked_to_wait");
    await driveFor(1_500_000);
    expect(once()).toBe(false);
    expect((await run.status()).lines.sent).toBe(300);
  });
});

describe("R2 that fails while an operator pauses", () => {
  it("shows the operator's pause, and the run goes on by itself after resume and recovery", async () => {
    await run.put(logName(0), gzipSync(linesOf(rayIds("a", 300))));
    await run.start();
    await run.settle();
    for (const file of run.enqueued.splice(0)) await run.parse(file);
    const failing = vi.spyOn(env.LOGS, "get").mockRejectedValue(new Error("internal error (10001)"));
    await run.drive();
    await driveFor(120_000);
    expect((await run.status()).state_reason?.code).toBe("storage_unavailable");
    await run.command({ do: "pause", park: true, note: "a look" });
    const paused = await driveFor(60_000);
    expect([paused.stage_code, paused.state_reason?.code]).toEqual(["paused", "operator"]);
    await run.evict();
    await run.command({ do: "resume", acceptReceiver: false, answers: null });
    failing.mockRestore();
    await driveFor(120_000);
    expect(run.delivered).toHaveLength(300);
    expect(once()).toBe(true);
    expect((await run.status()).state_reason?.code).not.toBe("storage_unavailable");
    await verified();
  });
});
