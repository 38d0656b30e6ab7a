// The documents must keep a form that is quick to read.
import { expect, it } from "vitest";
import { DOCUMENTS, document, headings, tableRows } from "./markdown.ts";

/** commands-in-documents.test.ts checks how the Chinese pages are reached. */
const CHINESE = [...DOCUMENTS.keys()].filter((file) => /^docs\/runbook\/zh-CN\/(?!README)/.test(file));
const RUNBOOK = [...DOCUMENTS.keys()].filter((file) => /^docs\/runbook\/(?!README|zh-CN\/)/.test(file));
/** A cell contains a value or a short phrase. A longer text must be a paragraph. */
const MAX_CELL_WORDS = 20;

it.each(RUNBOOK)("gives %s the five headings within 60 lines", (file) => {
  const text = document(file);
  const found = headings(text).slice(1).filter((heading) => ["Symptom", "Check", "Do", "Verify", "Escalate"].includes(heading)); // prettier-ignore
  expect(found).toEqual(["Symptom", "Check", "Do", "Verify", "Escalate"]);
  expect(text.split("\n").length - 1).toBeLessThanOrEqual(60);
});

it.each(CHINESE)("gives %s the five Chinese headings within 90 lines", (file) => {
  const text = document(file);
  expect(headings(text).slice(1)).toEqual(["现象", "检查", "处理", "验证", "升级"]);
  expect(text.split("\n").length - 1).toBeLessThanOrEqual(90);
});

it("leads from the runbook's first page to every other page", () => {
  const start = document("docs/runbook/README.md");
  const unreachable = RUNBOOK.filter((file) => !start.includes(`(${file.replace("docs/runbook/", "")})`));
  expect(unreachable).toEqual([]);
});

it("keeps README within 120 lines, with the two commands", () => {
  const text = document("README.md");
  expect(text.split("\n").length - 1).toBeLessThanOrEqual(120);
  expect(text).toContain("npm ci && npm run demo");
  expect(text).toContain("npm ci && npm test");
});

it("puts no paragraph into a table cell", () => {
  const long = [...DOCUMENTS]
    .filter(([file]) => !file.startsWith("docs/decisions/"))
    .flatMap(([file, text]) => tableRows(text).flat().map((cell) => ({ file, cell })))
    .filter(({ cell }) => cell.split(/\s+/).length > MAX_CELL_WORDS); // prettier-ignore
  expect(long).toEqual([]);
});
