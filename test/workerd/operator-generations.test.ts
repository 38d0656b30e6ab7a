// Each time a run writes its evidence, it makes a generation with its own keys. A downloaded generation stays whole
// while the next is written. No reader gets parts of two generations.
import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { strFromU8, unzipSync } from "fflate";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { runObject } from "../../src/platform/objects.ts";
import { ACTOR, acted, eventsOf } from "../support/operator-play.ts";
import {
  chainOf,
  checked,
  delivered,
  evidence,
  expectEquations,
  named,
  reportFiles,
  reportKeys,
  reportOf,
} from "../support/report-play.ts";
import { RunUnderTest } from "../support/run-under-test.ts";

const run = new RunUnderTest();
beforeEach(() => run.setUp());
afterEach(() => run.tearDown());
afterEach(() => run.expectBalanced());

const verify = { do: "verify" } as const;

/** The place of the evidence before there were generations. */
const old = () => `backfill-reports/${run.id}/`;

/** Every put into the bucket, in order. If `before` throws, the R2 object is not put. */
function watchPuts(before: (key: string) => Promise<void> = async () => {}): string[] {
  const puts: string[] = [];
  const put = env.LOGS.put.bind(env.LOGS);
  vi.spyOn(env.LOGS, "put").mockImplementation((async (key: string, body: string) => {
    puts.push(key);
    await before(key);
    return put(key, body);
  }) as never);
  return puts;
}

async function unzipped(response: Response): Promise<Record<string, Uint8Array>> {
  expect(response.status).toBe(200);
  const entries = unzipSync(new Uint8Array(await response.arrayBuffer()));
  const { "verify-evidence.mjs": _script, ...files } = entries;
  return files;
}

/** Evidence as older code left it: parts directly below the run's prefix, then the chain. */
async function asBefore(parts: number, state: object): Promise<void> {
  const { prefix } = await reportOf(run);
  const { generation: _generation, ...chain } = chainOf(await reportFiles(run));
  for (const { name } of chain.parts.slice(0, parts)) {
    await env.LOGS.put(old() + name, (await (await env.LOGS.get(prefix + name))?.text()) ?? "");
  }
  if (parts === chain.parts.length) await env.LOGS.put(`${old()}chain.json`, JSON.stringify(chain));
  const archive = JSON.stringify({ parts: chain.parts.slice(0, parts), ...state });
  await runInDurableObject(run.stub, (_object, { storage }) => {
    storage.sql.exec("UPDATE run SET archive_json = ?", archive);
  });
  await env.LOGS.delete((await reportKeys(run)).filter((key) => key.startsWith(prefix)));
}

describe("evidence that is written again", () => {
  it("does not break a zip that is being read", async () => {
    named(run);
    await delivered(run);
    const { head } = await reportOf(run);
    const slow = await evidence(run);
    await acted(run, verify, "before the audit");
    await run.wait(70_000);
    expect(await reportOf(run)).toMatchObject({ complete: true });
    expect((await reportOf(run)).head).not.toBe(head);
    const files = await unzipped(slow);
    expectEquations(await checked(run, files));
    expect(chainOf(files).head).toBe(head);
  });

  it("overwrites nothing: the earlier generation can still be checked below its own prefix", async () => {
    await delivered(run);
    const before = await reportOf(run);
    const kept = await reportFiles(run);
    const puts = watchPuts();
    await acted(run, verify, "before the audit");
    await run.wait(70_000);
    const after = await reportOf(run);
    expect(puts.every((key) => key.startsWith(after.prefix))).toBe(true);
    expect(new Set(puts).size).toBe(puts.length);
    expect(await reportFiles(run, before.prefix)).toEqual(kept);
    expectEquations(await checked(run, await reportFiles(run, after.prefix)));
    expect(await reportKeys(run)).toHaveLength(2 * Object.keys(kept).length);
  });

  it("is named by the event that began it, which it contains", async () => {
    await delivered(run);
    await acted(run, verify, "before the audit");
    await run.wait(70_000);
    const begun = await eventsOf(run, "report_begun");
    expect(begun).toHaveLength(2);
    expect(begun.map(({ actor }) => actor)).toEqual(["system", "system"]);
    const { generation, prefix } = await reportOf(run);
    expect(generation).toBe(begun[1]?.event);
    expect(prefix).toBe(`backfill-reports/${run.id}/g${String(generation).padStart(6, "0")}/`);
    const files = await reportFiles(run);
    expect(chainOf(files).generation).toBe(generation);
    const { events = [] } = await checked(run, files);
    expect(events.filter(({ kind }) => kind === "report_begun")).toHaveLength(2);
  });

  it("is begun again by a command that comes while its first part is being written", async () => {
    await delivered(run);
    let isAccepted = false;
    const puts = watchPuts(async () => {
      if (isAccepted) return;
      // A new stub, because this code runs inside the Durable Object and may not use the test's stub.
      const answer = await runObject(env, run.id).operate({ ...verify, actor: ACTOR, note: null });
      isAccepted = answer.ok;
    });
    await run.wait(60_000);
    await acted(run, verify, "before that");
    await run.wait(70_000);
    expect(isAccepted).toBe(true);
    expect(puts.filter((key) => key.endsWith("part-00001-files.ndjson"))).toHaveLength(2);
    const files = await reportFiles(run);
    expectEquations(await checked(run, files));
    expect(puts.filter((key) => key.endsWith("chain.json"))).toEqual([
      `${(await reportOf(run)).prefix}chain.json`,
    ]);
  });

  it("goes on in the same generation after an eviction", async () => {
    await delivered(run);
    let isOut = true;
    const puts = watchPuts(async (key) => {
      if (isOut && key.includes("part-00003")) throw new Error("R2 is out");
    });
    await run.wait(60_000);
    await acted(run, verify, "before the audit");
    await run.settle();
    expect(await reportOf(run)).toMatchObject({ complete: false, parts: 2 });
    await run.evict();
    isOut = false;
    await run.wait(60_000);
    expect(await reportOf(run)).toMatchObject({ complete: true });
    expect(await eventsOf(run, "report_begun")).toHaveLength(2);
    expect(puts.filter((key) => key.includes("part-00001"))).toHaveLength(1);
    expectEquations(await checked(run, await reportFiles(run)));
  });
});

describe("evidence of code without generations", () => {
  it("is read from its old place, and stays there when it is written again", async () => {
    named(run);
    await delivered(run);
    await asBefore(4, { section: "summary", after: 1, done: true });
    expect(await reportOf(run)).toMatchObject({ prefix: old(), generation: null, complete: true });
    const slow = await evidence(run);
    const kept = await reportFiles(run, old());
    await acted(run, verify, "before the audit");
    await run.wait(70_000);
    expectEquations(await checked(run, await unzipped(slow)));
    expect(await reportFiles(run, old())).toEqual(kept);
    expect((await reportOf(run)).prefix).not.toBe(old());
    expectEquations(await checked(run, await unzipped(await evidence(run))));
  });

  it("is finished in the place where it was begun, because its first parts are there", async () => {
    named(run);
    await delivered(run);
    await asBefore(2, { section: "events", after: 0, done: false });
    expect(await reportOf(run)).toMatchObject({ prefix: old(), complete: false, parts: 2 });
    await run.api.poke();
    await run.wait(10 * 60_000);
    expect(await reportOf(run)).toMatchObject({ prefix: old(), complete: true });
    const files = await unzipped(await evidence(run));
    expectEquations(await checked(run, files));
    expect(strFromU8(files["chain.json"] ?? new Uint8Array())).not.toContain("generation");
  });
});
