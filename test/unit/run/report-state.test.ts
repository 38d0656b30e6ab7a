// What the status shows of the evidence while a run writes it.
import { expect, it } from "vitest";
import { evidenceView } from "../../../durable-objects/backfill-run/views/report-state.ts";
import type { StartedRun } from "../../../durable-objects/backfill-run/context/context.ts";

const PART = { name: "part-00001-files.ndjson", bytes: 10, sha256: "a".repeat(64), chain: "b".repeat(64) };

function viewOf(archive: object | null) {
  const row = { run_id: "run-1", archive_json: archive === null ? null : JSON.stringify(archive) };
  return evidenceView({ row } as unknown as StartedRun);
}

it("shows no head before the evidence is complete, because a part of the chain has another head", () => {
  const state = { generation: 4, section: "batches", after: 0, parts: [PART], done: false };
  expect(viewOf(null)).toMatchObject({ complete: false, parts: 0, head: null });
  expect(viewOf(state)).toMatchObject({ complete: false, parts: 1, head: null });
  expect(viewOf({ ...state, done: true })).toMatchObject({ complete: true, parts: 1, head: PART.chain });
});
