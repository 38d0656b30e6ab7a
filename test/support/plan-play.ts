// Drives a dry run to its end, and makes the run from its plan. The hash is recomputed here from the API's answers
// alone, as an auditor would do it, and shares no code with the product.
import { createHash } from "node:crypto";
import { env } from "cloudflare:workers";
import { expect } from "vitest";
import type { RunSpec } from "../../src/contract/run.ts";
import type { BatchView, FileView, RunStatus } from "../../src/contract/views.ts";
import { runObject } from "../../src/platform/objects.ts";
import { WholeRun } from "./run-driver.ts";
import type { RunUnderTest } from "./run-under-test.ts";

export interface Plan {
  run: string;
  hash: string;
  /** The log prefix of the dry run. */
  logPrefix: string;
  /** The margins with which the dry run ended. */
  lateMarginMs: number;
  lookbackMs: number;
}

/** Lets the dry run count the R2 objects of the bucket. */
export async function counted(run: RunUnderTest, whole = new WholeRun(run)): Promise<Plan> {
  await run.start({ dryRun: true });
  await whole.toTheEnd();
  const status = await run.status();
  expect(status.stage_code).toBe("counted");
  return planOf(run);
}

/** The plan of a dry run that has counted. */
export async function planOf(run: RunUnderTest): Promise<Plan> {
  const answer = await run.api.planned(null);
  if (!answer.ok) throw new Error(answer.detail);
  const { hash, lateMarginMs, lookbackMs } = answer;
  return { run: run.id, hash, logPrefix: `logs-${run.id}/`, lateMarginMs, lookbackMs };
}

/** Starts another run in the place of the dry run, with the specification that admission would make. */
export async function startFrom(run: RunUnderTest, plan: Plan, over: Partial<RunSpec> = {}): Promise<void> {
  run.id = `run-${crypto.randomUUID()}`;
  const namespace: DurableObjectNamespace = env.BACKFILL_RUN;
  run.stub = namespace.getByName(run.id);
  run.api = runObject(env, run.id);
  run.enqueued = [];
  const { run: id, hash, ...listing } = plan;
  await run.start({ plan: { run: id, hash }, ...listing, ...over });
}

export async function everyFile(run: RunUnderTest): Promise<FileView[]> {
  const answer = await run.api.listFiles({ states: [], cursor: null, limit: 1_000 });
  if (!answer.ok) throw new Error(answer.detail);
  return answer.page.items;
}

export async function everyBatch(run: RunUnderTest): Promise<BatchView[]> {
  const answer = await run.api.listBatches({ states: [], cursor: null, limit: 1_000 });
  if (!answer.ok) throw new Error(answer.detail);
  return answer.page.items;
}

function hex(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

function byBytes(a: FileView, b: FileView): number {
  return Buffer.compare(Buffer.from(a.key), Buffer.from(b.key));
}

/** Computes the plan hash as docs/reference/plan-hash.md says. */
export function auditedHash(status: RunStatus, files: FileView[], batches: BatchView[]): string {
  const spec = status.spec as unknown as Record<string, unknown>;
  const members: Record<string, unknown> = {
    batch_size: spec["batch_size"],
    dedupe: spec["dedupe"],
    end_exclusive: spec["end_exclusive"],
    end_ms: Date.parse(String(spec["end"])),
    folders: spec["folders"],
    ...(spec["format"] !== "edge-3.0" && { format: spec["format"] }),
    ...("format_fields" in spec && { format_fields: spec["format_fields"] }),
    format_version: spec["format_version"],
    max_batch_bytes: spec["max_batch_bytes"],
    max_line_bytes: spec["max_line_bytes"],
    max_suspect_ratio: spec["max_suspect_ratio"],
    on_corrupt: spec["on_corrupt"],
    parse_version: spec["parse_version"],
    start_ms: Date.parse(String(spec["start"])),
    top_level_parent_ray_ids: spec["top_level_parent_ray_ids"],
  };
  const objects = files.filter(({ state }) => state !== "missing").toSorted(byBytes);
  let link = hex(JSON.stringify(members));
  for (const { file, key, etag, lines, state } of objects) {
    const wasRead = lines !== null && state !== "failed";
    const digests = batches.filter((batch) => batch.file === file).map(({ digest }) => digest);
    link = hex(link + hex(JSON.stringify([key, etag, wasRead ? digests : null])));
  }
  return link;
}
