// Every command of the command line in the READMEs and the runbook must parse, and the Chinese pages must name existing codes.
import { describe, expect, it } from "vitest";
import { makeProgram } from "../../../src/cli/program/program.ts";
import { STAGES } from "../../../src/contract/states.ts";
import { fakeIo } from "../../support/cli-io.ts";
import { codes, document, DOCUMENTS, headings, relativeLinks, tableRows } from "./markdown.ts";

const PAGES = [...DOCUMENTS].filter(([file]) => /^(README.*\.md|docs\/runbook\/.*\.md)$/.test(file));
const CHINESE = "docs/runbook/zh-CN/";

/** The lines of fenced sh blocks, with continued lines joined. */
function shellLines(text: string): string[] {
  const blocks = [...text.matchAll(/^ *```sh\n([\s\S]*?)^ *```/gm)].map(([, block = ""]) => block);
  return blocks.flatMap((block) => block.replaceAll(/\\\n\s*/g, " ").split("\n")).map((line) => line.trim());
}

/** The words after the program. A comment, a pipe and a redirection end the command. */
function argumentsOf(line: string): string[] {
  const [, after = ""] = /^(?:npx --no-install )?logpush-backfill (.*)$/.exec(line) ?? [];
  const words = [...after.matchAll(/"([^"]*)"|'([^']*)'|(\S+)/g)].map(([all, a, b]) => a ?? b ?? all);
  const end = words.findIndex((word) => /^[#|>]/.test(word));
  return end < 0 ? words : words.slice(0, end);
}

const COMMANDS = PAGES.flatMap(([file, text]) =>
  shellLines(text)
    .filter((line) => /^(npx --no-install )?logpush-backfill /.test(line))
    .map((line) => [file, argumentsOf(line)] as const),
);

describe("a command in a document", () => {
  it.each(COMMANDS)("of %s parses: %j", async (_, args) => {
    const io = fakeIo();
    let performed = 0;
    const program = makeProgram("1.2.3", io, () => Promise.resolve(void (performed += 1)));
    await program.parseAsync(args, { from: "user" });
    expect([performed, io.written.err]).toEqual([1, ""]);
  });

  it("is found in both languages", () => {
    expect(COMMANDS.filter(([file]) => file.startsWith(CHINESE)).length).toBeGreaterThan(15);
    expect(COMMANDS.filter(([file]) => file === "README.zh-CN.md").length).toBeGreaterThan(3);
  });
});

describe("the Chinese documents", () => {
  it("name only stages and reasons that exist", () => {
    const reasons = new Set(headings(document("docs/reference/state-reasons.md")).flatMap(codes));
    const rows = tableRows(document(`${CHINESE}stuck.md`));
    expect(rows.length).toBeGreaterThan(10);
    const unknown = rows.flatMap(([stage = "", reason = ""]) => [
      ...codes(stage).filter((code) => !STAGES.some((known) => known === code)),
      ...codes(reason).filter((code) => !reasons.has(code)),
    ]);
    expect(unknown).toEqual([]);
  });

  it("name only fields of a status that the English pages explain", () => {
    const english = document("docs/runbook/duplicates-or-missing-lines.md");
    const fields = tableRows(document(`${CHINESE}duplicates-or-missing.md`)).flatMap(([field = ""]) =>
      codes(field),
    );
    expect(fields.length).toBeGreaterThan(3);
    expect(fields.filter((field) => !english.includes(`\`${field}\``))).toEqual([]);
  });

  it("lead to every document that the English README leads to", () => {
    const chinese = new Set(relativeLinks(document("README.zh-CN.md")));
    const missing = relativeLinks(document("README.md")).filter(
      (target) => !chinese.has(target) && target !== "README.zh-CN.md",
    );
    expect(missing).toEqual([]);
  });

  it("lead from the first Chinese page to every other one", () => {
    const start = document(`${CHINESE}README.md`);
    const pages = [...DOCUMENTS.keys()].filter(
      (file) => file.startsWith(CHINESE) && !file.endsWith("README.md"),
    );
    expect(pages.length).toBe(3);
    expect(pages.filter((file) => !start.includes(`(${file.replace(CHINESE, "")})`))).toEqual([]);
  });
});
