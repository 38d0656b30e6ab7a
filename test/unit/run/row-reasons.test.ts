// Tests that the page has words for every code that a run writes into a row. The page reads the texts of the API.
import { beforeAll, expect, it } from "vitest";
import * as reasons from "../../../durable-objects/backfill-run/ledger/reasons.ts";
import { batchReason } from "../../../durable-objects/backfill-run/views/reason-text.ts";
import { rowReason } from "../../../src/ui/text/row-reason.ts";
import { loadTexts, needTexts } from "../../../src/ui/text/texts.ts";

beforeAll(async () => {
  await loadTexts("en");
  await needTexts(["run", "rowReasons"]);
});

const codes = Object.values(reasons).filter((value) => typeof value === "string");

it("finds the codes", () => {
  expect(codes.length).toBeGreaterThan(10);
});

it.each(codes)("has words for %s", (reason_code) => {
  const reason = batchReason({ reason_code, reason_detail: "detail", same_as_batch: 3 });
  expect(rowReason("held", reason ?? "")).not.toBeNull();
});
