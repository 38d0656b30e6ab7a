// The report of an ended run: a chain of parts in R2 that anybody can check, there before cleanup and after it, written
// anew when an operator changes the ledger; and the evidence.zip that is made of it.
import { createExecutionContext, waitOnExecutionContext } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { strFromU8, unzipSync } from "fflate";
import { afterEach, describe, expect, it, vi } from "vitest";
import { runIdOf } from "../../durable-objects/run-registry/instants.ts";
import { RunRegistry } from "../../durable-objects/run-registry/run-registry.ts";
import { handleRequest } from "../../src/http/router.ts";
import { runObject } from "../../src/objects.ts";
import { TOKEN } from "../support/api-under-test.ts";
import { acted, openedAs } from "../support/operator-play.ts";
import { HOUR, RunUnderTest, WINDOW_START } from "../support/run-under-test.ts";
import { answered, grantOf, OK, sendAll, tell, TIMEOUT } from "../support/run-work.ts";

const run = new RunUnderTest();
afterEach(() => run.expectBalanced());

const LINES = 100;
type Line = Record<string, any>; // oxlint-disable-line typescript/no-explicit-any -- whatever the report says
interface Chain {
  run: string;
  head: string;
  parts: { name: string; bytes: number; sha256: string; chain: string }[];
}

async function sha256(data: Uint8Array | string): Promise<string> {
  const bytes = typeof data === "string" ? new TextEncoder().encode(data) : data;
  const hash = await crypto.subtle.digest("SHA-256", bytes);
  return [...new Uint8Array(hash)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

const prefix = () => `backfill-reports/${run.id}/`;

async function bytesOf(name: string): Promise<Uint8Array | null> {
  const object = await env.LOGS.get(prefix() + name);
  return object === null ? null : new Uint8Array(await object.arrayBuffer());
}

async function reportFiles(): Promise<Record<string, Uint8Array>> {
  const chain = await bytesOf("chain.json");
  if (chain === null) throw new Error("the report has no chain");
  const files: Record<string, Uint8Array> = { "chain.json": chain };
  for (const { name } of (JSON.parse(strFromU8(chain)) as Chain).parts) {
    const part = await bytesOf(name);
    if (part) files[name] = part;
  }
  return files;
}

/** Recomputes the chain, then gives the rows by section; as verify-evidence does, but written here. */
async function checked(files: Record<string, Uint8Array>): Promise<Record<string, Line[]>> {
  const chain = JSON.parse(strFromU8(files["chain.json"] ?? new Uint8Array())) as Chain;
  expect(chain.run).toBe(run.id);
  const rows: Record<string, Line[]> = { files: [], batches: [], events: [], summary: [] };
  let link = "";
  for (const { name, bytes, sha256: hash, chain: linked } of chain.parts) {
    const part = files[name] ?? new Uint8Array();
    expect([name, part.length, await sha256(part)]).toEqual([name, bytes, hash]);
    link = await sha256(link + hash);
    expect([name, linked]).toEqual([name, link]);
    const section = name.replace(/^part-\d+-|\.ndjson$/g, "");
    const lines = strFromU8(part).split("\n").filter(Boolean);
    rows[section]?.push(...lines.map((line) => JSON.parse(line) as Line));
  }
  expect(chain.head).toBe(link);
  return rows;
}

function sum(numbers: number[]): number {
  return numbers.reduce((total, one) => total + one, 0);
}

function expectEquations({ files = [], batches = [], summary = [] }: Record<string, Line[]>): void {
  const [last] = summary;
  expect(summary).toHaveLength(1);
  for (const file of files.filter((one) => one["lines"])) {
    const { read, kept, malformed, dropped } = file["lines"] as Line;
    expect(read).toBe(kept + malformed + sum(Object.values(dropped as Record<string, number>)));
    const own = batches.filter((batch) => batch["file"] === file["file"] && batch["state"] !== "split");
    expect([file["file"], sum(own.map((batch) => batch["lines"] as number))]).toEqual([file["file"], kept]);
  }
  for (const [rows, counted] of [
    [files, last?.["files"]],
    [batches, last?.["batches"]],
  ] as [Line[], Record<string, number>][]) {
    for (const [state, count] of Object.entries(counted)) {
      expect([state, rows.filter((row) => row["state"] === state).length]).toEqual([state, count]);
    }
  }
  const done = batches.filter((batch) => batch["state"] === "done");
  expect(last?.["log_lines_sent"]).toBe(sum(done.map((batch) => batch["lines"] as number)));
}

async function reportOf(): Promise<Line> {
  return (await run.status())["report"] as Line;
}

/** A delivered run with a split batch, an uncertain attempt and a batch settled by hand. */
async function delivered(): Promise<void> {
  await openedAs(run, [[LINES, LINES, LINES], [LINES]], { onRefused: "split" });
  await tell(run, await grantOf(run), OK);
  await tell(run, await grantOf(run), answered(413));
  const odd = await grantOf(run);
  await tell(run, odd, TIMEOUT);
  await acted(run, { do: "resolve_batch", batch: odd.batch, outcome: "discard" }, "by hand");
  await sendAll(run);
  await run.wait(10_000);
  expect(await run.stage()).toBe("sent_waiting_cleanup");
}

describe("the report of a delivered run", () => {
  it("is complete before cleanup, its chain can be recomputed, and its rows add up", async () => {
    await delivered();
    expect(await reportOf()).toMatchObject({ complete: true, prefix: prefix() });
    const rows = await checked(await reportFiles());
    expectEquations(rows);
    expect((await reportOf())["head"]).toBe((JSON.parse(strFromU8((await bytesOf("chain.json")) ?? new Uint8Array())) as Chain).head); // prettier-ignore
    expect(rows["events"]?.map(({ kind }) => kind as string)).toContain("resolve_batch");
    expect(rows["summary"]?.[0]).toMatchObject({ delivery_completed: true, id: run.id });
  });

  it("stays as it was through cleanup, because it is the proof that is left", async () => {
    await delivered();
    const before = await checked(await reportFiles());
    await run.wait(4 * HOUR);
    expect(await run.stage()).toBe("cleaned");
    expect(await reportOf()).toMatchObject({ complete: true });
    const after = await checked(await reportFiles());
    expectEquations(after);
    expect(after["batches"]).toEqual(before["batches"]);
  });

  it("shows a part that was changed, because then its link is another", async () => {
    await delivered();
    const files = await reportFiles();
    const name = Object.keys(files).find((one) => one.includes("batches")) ?? "";
    const changed = strFromU8(files[name] ?? new Uint8Array()).replace('"lines":100', '"lines":101');
    await expect(checked({ ...files, [name]: new TextEncoder().encode(changed) })).rejects.toThrow();
  });

  it("is written anew after a late report, because the ledger says something else then", async () => {
    await openedAs(run, [[LINES, LINES]], {});
    const lost = await grantOf(run);
    await run.wait(31_000);
    await sendAll(run);
    await run.wait(10_000);
    const before = await reportOf();
    expect(before).toMatchObject({ complete: true });
    await tell(run, lost, OK);
    await run.wait(10_000);
    const rows = await checked(await reportFiles());
    expectEquations(rows);
    expect(rows["summary"]?.[0]).toMatchObject({ duplicate_lines: LINES });
    expect((await reportOf())["head"]).not.toBe(before["head"]);
  });

  it("is written anew after an operator's command, which then stands in it", async () => {
    await delivered();
    const before = await reportOf();
    await acted(run, { do: "verify" }, "before the audit");
    await run.wait(10_000);
    const after = await reportOf();
    expect(after).toMatchObject({ complete: true });
    expect(after["head"]).not.toBe(before["head"]);
    const { events = [] } = await checked(await reportFiles());
    expect(events.filter(({ kind }) => kind === "verify")).toMatchObject([{ actor: "li.wei" }]);
  });
});

describe("the report of an aborted run", () => {
  it("names what was delivered, what is uncertain, and what never left", async () => {
    await openedAs(run, [[LINES, LINES, LINES]], {});
    await tell(run, await grantOf(run), OK);
    await grantOf(run);
    await run.api.abort({ force: false, actor: "token" });
    await run.wait(60_000);
    expect(await run.stage()).toBe("aborted");
    const rows = await checked(await reportFiles());
    expectEquations(rows);
    expect(rows["summary"]?.[0]).toMatchObject({ log_lines_sent: LINES, uncertain_attempts: 1 });
  });

  it("is not there while the run is at work, because nothing is proven yet", async () => {
    await openedAs(run, [[LINES]], {});
    await run.wait(10_000);
    expect(await bytesOf("chain.json")).toBeNull();
    expect(await reportOf()).toMatchObject({ complete: false });
  });
});

async function evidence(): Promise<Response> {
  const headers = { Authorization: `Bearer ${TOKEN}` };
  const request = new Request(`http://api.test/runs/${run.id}/evidence.zip`, { headers });
  const ctx = createExecutionContext();
  const response = await handleRequest(request, { ...env, RECEIVER_ID: `receiver-${run.id}` }, ctx);
  const body = await response.arrayBuffer();
  await waitOnExecutionContext(ctx);
  return new Response(body, response);
}

describe("evidence.zip", () => {
  let created = 0;

  /** A run whose id is one that the API takes. */
  function named(): void {
    created += 1;
    run.id = runIdOf(WINDOW_START, WINDOW_START + HOUR, WINDOW_START + HOUR + created * 1_000);
    const namespace: DurableObjectNamespace = env.BACKFILL_RUN;
    run.stub = namespace.getByName(run.id);
    run.api = runObject(env, run.id);
    vi.spyOn(RunRegistry.prototype, "knows").mockResolvedValue(true);
  }

  it("unzips to the report as it lies in R2 and a script, and everything in it holds", async () => {
    named();
    await delivered();
    const response = await evidence();
    expect([response.status, response.headers.get("Content-Type")]).toEqual([200, "application/zip"]);
    const unzipped = unzipSync(new Uint8Array(await response.arrayBuffer()));
    const { "verify-evidence.mjs": script, ...files } = unzipped;
    const stored = await reportFiles();
    expect(Object.keys(files).toSorted()).toEqual(Object.keys(stored).toSorted());
    for (const [name, bytes] of Object.entries(stored)) expect(strFromU8(files[name] ?? new Uint8Array())).toBe(strFromU8(bytes)); // prettier-ignore
    expectEquations(await checked(files));
    expect(strFromU8(script ?? new Uint8Array())).toContain("node:crypto");
  });

  it("is refused while the report is not written, because half a proof is none", async () => {
    named();
    await openedAs(run, [[LINES]], {});
    const response = await evidence();
    expect(response.status).toBe(409);
    expect(await response.json()).toMatchObject({ code: "report_not_written" });
  });

  it("is refused while the report is written anew, because the old chain lies beside new parts then", async () => {
    named();
    await delivered();
    const put = env.LOGS.put.bind(env.LOGS);
    let puts = 0;
    const spy = vi.spyOn(env.LOGS, "put").mockImplementation((async (key: string, body: string) => {
      puts += 1;
      if (puts > 3) throw new Error("R2 is out");
      return put(key, body);
    }) as never);
    await acted(run, { do: "verify" }, "before the audit");
    await run.settle();
    expect(puts).toBeGreaterThan(3);
    await expect(reportFiles().then(checked)).rejects.toThrow();
    expect((await evidence()).status).toBe(409);
    spy.mockRestore();
    await run.wait(60_000);
    const response = await evidence();
    expect(response.status).toBe(200);
    await checked(unzipSync(new Uint8Array(await response.arrayBuffer())));
  });
});
