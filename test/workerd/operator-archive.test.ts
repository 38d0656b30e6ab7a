// The evidence of an ended run: a chain of parts in R2 that anyone can check. It stays after cleanup and is written
// again when an operator changes the ledger. evidence.zip is made of it.
import { env } from "cloudflare:workers";
import { strFromU8, unzipSync } from "fflate";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { verifyArchive } from "../../src/ui/verify/verify-archive.ts";
import { acted, openedAs } from "../support/operator-play.ts";
import {
  chainOf, checked, delivered, evidence, expectEquations, LINES, named, reportFiles, reportKeys, reportOf,
} from "../support/report-play.ts"; // prettier-ignore
import { HOUR, RunUnderTest } from "../support/run-under-test.ts";
import { permitOf, OK, putLogs, sendAll, reportOutcome } from "../support/run-work.ts";

/** Evidence is written again at most once a minute. */
const AGAIN_MS = 70_000;

const run = new RunUnderTest();
beforeEach(() => run.setUp());
afterEach(() => run.tearDown());
afterEach(() => run.expectBalanced());

describe("the evidence of a delivered run", () => {
  it("is complete before cleanup, its chain can be recomputed, and its rows add up", async () => {
    await delivered(run);
    expect(await reportOf(run)).toMatchObject({ complete: true });
    const rows = await checked(run, await reportFiles(run));
    expectEquations(rows);
    expect((await reportOf(run)).head).toBe(chainOf(await reportFiles(run)).head);
    expect(rows["events"]?.map(({ kind }) => kind as string)).toContain("resolve_batch");
    expect(rows["summary"]?.[0]).toMatchObject({ delivery_completed: true, id: run.id });
    // At this moment the evidence is not complete, and has no head.
    expect(rows["summary"]?.[0]).not.toHaveProperty("report");
  });

  it("stays as it was through cleanup", async () => {
    await delivered(run);
    const before = await checked(run, await reportFiles(run));
    await run.wait(4 * HOUR);
    expect(await run.stage()).toBe("cleaned");
    expect(await reportOf(run)).toMatchObject({ complete: true });
    const after = await checked(run, await reportFiles(run));
    expectEquations(after);
    expect(after["batches"]).toEqual(before["batches"]);
  });

  it("shows a part that was changed, because its link differs", async () => {
    await delivered(run);
    const files = await reportFiles(run);
    const name = Object.keys(files).find((one) => one.includes("batches")) ?? "";
    const changed = strFromU8(files[name] ?? new Uint8Array()).replace('"lines":100', '"lines":101');
    await expect(checked(run, { ...files, [name]: new TextEncoder().encode(changed) })).rejects.toThrow();
  });

  it("is written again after a late send report", async () => {
    await openedAs(run, [[LINES, LINES]], {});
    const lost = await permitOf(run);
    await run.wait(31_000);
    await sendAll(run);
    await run.wait(10_000);
    const before = await reportOf(run);
    expect(before).toMatchObject({ complete: true });
    await reportOutcome(run, lost, OK);
    await run.wait(AGAIN_MS);
    const rows = await checked(run, await reportFiles(run));
    expectEquations(rows);
    expect(rows["summary"]?.[0]).toMatchObject({ duplicate_lines: LINES });
    expect((await reportOf(run)).head).not.toBe(before.head);
  });

  it("is written again after an operator's command, and then contains it", async () => {
    await delivered(run);
    const before = await reportOf(run);
    await acted(run, { do: "verify" }, "before the audit");
    await run.wait(AGAIN_MS);
    const after = await reportOf(run);
    expect(after).toMatchObject({ complete: true });
    expect(after.head).not.toBe(before.head);
    const { events = [], summary } = await checked(run, await reportFiles(run));
    expect(events.filter(({ kind }) => kind === "verify")).toMatchObject([{ actor: "li.wei" }]);
    // The evidence whose head is kept must be the evidence that was recounted.
    expect(events.filter(({ kind }) => kind === "verified")).toMatchObject([{ detail: { differences: 0 } }]);
    expect(summary?.[0]).toMatchObject({ verification: { last: { differences: [] }, under_way: false } });
  });
});

describe("the evidence of an aborted run", () => {
  it("is written before its packs are deleted, also while a recount delays it", async () => {
    await openedAs(
      run,
      Array.from({ length: 3 }, () => Array.from({ length: 1_000 }, () => LINES)),
      {},
    );
    await env.LOGS.put(`processed-backfill/${run.id}/f000001-a1.log.gz`, "pack");
    const order: string[] = [];
    const [put, remove] = [env.LOGS.put.bind(env.LOGS), env.LOGS.delete.bind(env.LOGS)];
    vi.spyOn(env.LOGS, "put").mockImplementation(((key: string, body: string) => {
      order.push(key.slice(key.lastIndexOf("/") + 1));
      return put(key, body);
    }) as never);
    vi.spyOn(env.LOGS, "delete").mockImplementation(async (keys) => {
      order.push("packs");
      return remove(keys);
    });
    await acted(run, { do: "verify" }, "what is there");
    await run.api.abort({ force: false, actor: "token" });
    await run.settle();
    expect(order).toContain("packs");
    expect(order.indexOf("chain.json")).toBeGreaterThanOrEqual(0);
    expect(order.indexOf("chain.json")).toBeLessThan(order.indexOf("packs"));
  });

  it("names what was delivered, what is uncertain, and what never left", async () => {
    await openedAs(run, [[LINES, LINES, LINES]], {});
    await reportOutcome(run, await permitOf(run), OK);
    await permitOf(run);
    await run.api.abort({ force: false, actor: "token" });
    await run.wait(60_000);
    expect(await run.stage()).toBe("aborted");
    const rows = await checked(run, await reportFiles(run));
    expectEquations(rows);
    expect(rows["summary"]?.[0]).toMatchObject({ log_lines_sent: LINES, uncertain_attempts: 1 });
  });

  it("is written again when the run was delivered before", async () => {
    await delivered(run);
    expect(await reportOf(run)).toMatchObject({ complete: true });
    await putLogs(run, 3);
    await run.wait(4 * HOUR);
    expect(await run.stage()).toBe("needs_attention");
    // The delivered lines are not all lines of the file.
    expect((await run.status()).report).toMatchObject({ complete: false });
    await run.api.abort({ force: false, actor: "token" });
    await run.wait(60_000);
    expect(await run.stage()).toBe("aborted");
    const { events = [], summary } = await checked(run, await reportFiles(run));
    expect(summary).toMatchObject([{ stage_code: "aborted", delivery_completed: false }]);
    expect(events.map(({ kind }) => kind as string)).toContain("abort");
  });

  it("is absent while the run is at work", async () => {
    await openedAs(run, [[LINES]], {});
    await run.wait(10_000);
    expect(await reportKeys(run)).toEqual([]);
    expect((await run.status()).report).toMatchObject({ complete: false });
  });
});

describe("evidence.zip", () => {
  it("unzips to the evidence in R2 and a script, and the script verifies it", async () => {
    named(run);
    await delivered(run);
    const response = await evidence(run);
    expect([response.status, response.headers.get("Content-Type")]).toEqual([200, "application/zip"]);
    const archive = new Uint8Array(await response.arrayBuffer());
    const { head } = await reportOf(run);
    const verdict = await verifyArchive(new Blob([archive]), head, () => {});
    expect(verdict).toMatchObject({ isVerified: true, faults: [] });
    const unzipped = unzipSync(archive);
    const { "verify-evidence.mjs": script, ...files } = unzipped;
    const stored = await reportFiles(run);
    expect(Object.keys(files).toSorted()).toEqual(Object.keys(stored).toSorted());
    for (const [name, bytes] of Object.entries(stored)) expect(strFromU8(files[name] ?? new Uint8Array())).toBe(strFromU8(bytes)); // prettier-ignore
    expectEquations(await checked(run, files));
    expect(strFromU8(script ?? new Uint8Array())).toContain("node:crypto");
  });

  it("is refused while the evidence is not written", async () => {
    named(run);
    await openedAs(run, [[LINES]], {});
    const response = await evidence(run);
    expect(response.status).toBe(409);
    expect(await response.json()).toMatchObject({ code: "report_not_written" });
  });

  it("is refused while the evidence is being written again", async () => {
    named(run);
    await delivered(run);
    const put = env.LOGS.put.bind(env.LOGS);
    let puts = 0;
    const spy = vi.spyOn(env.LOGS, "put").mockImplementation((async (key: string, body: string) => {
      puts += 1;
      if (puts > 3) throw new Error("R2 is out");
      return put(key, body);
    }) as never);
    await acted(run, { do: "verify" }, "before the audit");
    await run.wait(AGAIN_MS);
    expect(puts).toBeGreaterThan(3);
    expect((await evidence(run)).status).toBe(409);
    spy.mockRestore();
    await run.wait(60_000);
    const response = await evidence(run);
    expect(response.status).toBe(200);
    await checked(run, unzipSync(new Uint8Array(await response.arrayBuffer())));
  });
});
