// Reads the evidence of an ended run as an auditor does. It reads the R2 objects, recomputes the chain and adds up
// the rows. Shares no code with the writer.
import { createExecutionContext, waitOnExecutionContext } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { strFromU8 } from "fflate";
import { expect, vi } from "vitest";
import type { EvidenceView } from "../../src/contract/report.ts";
import { runIdOf } from "../../src/contract/run-id.ts";
import { RunRegistry } from "../../durable-objects/run-registry/run-registry.ts";
import { handleRequest } from "../../src/http/router.ts";
import { runObject } from "../../src/platform/objects.ts";
import { TOKEN } from "./api-under-test.ts";
import { acted, openedAs } from "./operator-play.ts";
import { HOUR, WINDOW_START, type RunUnderTest } from "./run-under-test.ts";
import { OK, TIMEOUT, answered, permitOf, sendAll, reportOutcome } from "./run-work.ts";

export const LINES = 100;
export type Line = Record<string, any>; // oxlint-disable-line typescript/no-explicit-any -- whatever the report says
export interface Chain {
  run: string;
  generation?: number;
  head: string;
  parts: { name: string; bytes: number; sha256: string; chain: string }[];
}
/** Evidence of which at least one part is written. */
export type Report = EvidenceView & { prefix: string };

async function sha256(data: Uint8Array | string): Promise<string> {
  const bytes = typeof data === "string" ? new TextEncoder().encode(data) : data;
  const hash = await crypto.subtle.digest("SHA-256", bytes);
  return [...new Uint8Array(hash)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** What the status shows about the evidence. */
export async function reportOf(run: RunUnderTest): Promise<Report> {
  const { report } = await run.status();
  if (report.prefix === null) throw new Error("no part of the report is written");
  return { ...report, prefix: report.prefix };
}

async function bytesOf(key: string): Promise<Uint8Array | null> {
  const object = await env.LOGS.get(key);
  return object === null ? null : new Uint8Array(await object.arrayBuffer());
}

/** The chain and its parts, by name. Without `prefix`, they are of the generation in the status. */
export async function reportFiles(run: RunUnderTest, prefix?: string): Promise<Record<string, Uint8Array>> {
  const at = prefix ?? (await reportOf(run)).prefix;
  const chain = await bytesOf(`${at}chain.json`);
  if (chain === null) throw new Error(`the report has no chain below ${at}`);
  const files: Record<string, Uint8Array> = { "chain.json": chain };
  for (const { name } of chainOf(files).parts) {
    const part = await bytesOf(at + name);
    if (part) files[name] = part;
  }
  return files;
}

export function chainOf(files: Record<string, Uint8Array>): Chain {
  return JSON.parse(strFromU8(files["chain.json"] ?? new Uint8Array())) as Chain;
}

/** The keys of the run's evidence, of all generations. */
export async function reportKeys(run: RunUnderTest): Promise<string[]> {
  const page = await env.LOGS.list({ prefix: `backfill-reports/${run.id}/` });
  return page.objects.map(({ key }) => key);
}

/** Recomputes the chain and returns the rows by section. Written independently of verify-evidence. */
export async function checked(
  run: RunUnderTest,
  files: Record<string, Uint8Array>,
): Promise<Record<string, Line[]>> {
  const chain = chainOf(files);
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

export function expectEquations({ files = [], batches = [], summary = [] }: Record<string, Line[]>): void {
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

/** Makes a delivered run with a split batch, an uncertain attempt and a batch settled by hand. */
export async function delivered(run: RunUnderTest): Promise<void> {
  await openedAs(run, [[LINES, LINES, LINES], [LINES]], { onRefused: "split" });
  await reportOutcome(run, await permitOf(run), OK);
  await reportOutcome(run, await permitOf(run), answered(413));
  const odd = await permitOf(run);
  await reportOutcome(run, odd, TIMEOUT);
  await acted(run, { do: "resolve_batch", batch: odd.batch, outcome: "discard" }, "by hand");
  await sendAll(run);
  await run.wait(10_000);
  expect(await run.stage()).toBe("sent_waiting_cleanup");
}

let created = 0;

/** Gives the run an id that the API accepts. */
export function named(run: RunUnderTest): void {
  created += 1;
  run.id = runIdOf(WINDOW_START, WINDOW_START + HOUR, WINDOW_START + HOUR + created * 1_000);
  const namespace: DurableObjectNamespace = env.BACKFILL_RUN;
  run.stub = namespace.getByName(run.id);
  run.api = runObject(env, run.id);
  vi.spyOn(RunRegistry.prototype, "knows").mockResolvedValue(true);
}

/** The answer to GET /runs/:id/evidence.zip with its body unread, so that a test can read it slowly. */
export async function evidence(run: RunUnderTest): Promise<Response> {
  const headers = { Authorization: `Bearer ${TOKEN}` };
  const request = new Request(`http://api.test/runs/${run.id}/evidence.zip`, { headers });
  const ctx = createExecutionContext();
  const response = await handleRequest(request, { ...env, RECEIVER_ID: `receiver-${run.id}` }, ctx);
  await waitOnExecutionContext(ctx);
  return response;
}
