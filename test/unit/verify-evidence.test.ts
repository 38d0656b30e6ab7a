// Runs the script of evidence.zip over changed evidence. It must report each fault and never end with a stack trace.
import { spawnSync } from "node:child_process";
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { chainOf, ndjson as lines, type Parts } from "../support/evidence-files.ts";

const base = mkdtempSync(join(tmpdir(), "verify-evidence-"));
afterAll(() => rmSync(base, { recursive: true }));

const SUMMARY = {
  id: "run-1",
  log_lines_sent: 3,
  files: { closed: 1 },
  batches: { done: 1 },
  delivery_completed: true,
  window: { interval: "[a, b)" },
  exceptions: 0,
};
const PARTS: Parts = [
  [
    "part-00001-files.ndjson",
    lines({
      file: 1,
      state: "closed",
      lines: { read: 5, kept: 3, malformed: 1, dropped: { outside_window: 1 } },
      batches: { count: 1 },
    }),
  ],
  ["part-00002-batches.ndjson", lines({ batch: 1, file: 1, state: "done", lines: 3 })],
  ["part-00003-events.ndjson", lines({ event: 4, kind: "report_begun" })],
  ["part-00004-summary.ndjson", lines(SUMMARY)],
];

let dirs = 0;

/** The script's output for these files, and its exit code. */
function verified(files: Record<string, string>, ...args: string[]): { status: number | null; said: string } {
  dirs += 1;
  const dir = join(base, String(dirs), "evidence");
  mkdirSync(dir, { recursive: true });
  for (const [name, text] of Object.entries(files)) writeFileSync(join(dir, name), text);
  const script = join(dir, "verify-evidence.mjs");
  copyFileSync("src/evidence/verify-evidence.txt", script);
  const { status, stdout, stderr } = spawnSync(process.execPath, [script, dir, ...args], {
    encoding: "utf8",
  });
  expect(stderr).toBe("");
  return { status, said: stdout };
}

const withChain = (chain: unknown, parts = PARTS) => ({
  ...Object.fromEntries(parts),
  "chain.json": JSON.stringify(chain),
});

it("verifies what a run wrote, also against the head that was noted", () => {
  const chain = chainOf(PARTS);
  expect(verified(withChain(chain))).toEqual({
    status: 0,
    said: `run "run-1", window "[a, b)", stage undefined, generation 4
head "${chain.head}"
1 files, 1 batches, 1 events
3 lines delivered
0 lines not settled, 0 held, 0 refused, 0 discarded; 0 exceptions
consistent, but not compared with a noted head: this does not show who wrote it
`,
  });
  const { status, said } = verified(withChain(chain), chain.head);
  expect([status, said.split("\n").at(-2)]).toEqual([0, "verified"]);
});

it("names the receiver of the run, and refuses evidence whose id names another receiver", () => {
  const id = "20260422T140000Z_20260422T150000Z_20260423T010203Z_siem";
  const of = (receiver: string) =>
    PARTS.with(3, ["part-00004-summary.ndjson", lines({ ...SUMMARY, id, receiver })]);
  expect(verified(withChain({ ...chainOf(of("siem")), run: id }, of("siem"))).said).toContain(
    '3 lines delivered to the receiver "siem"',
  );
  const { status, said } = verified(withChain({ ...chainOf(of("default")), run: id }, of("default")));
  expect([status, said]).toEqual([
    1,
    expect.stringContaining('receiver of the summary: "default", expected "siem"'),
  ]);
});

it("names a chain that was forged from its first link on, once it is given the noted head", () => {
  const forged = PARTS.with(1, ["part-00002-batches.ndjson", lines({ batch: 1, file: 1, state: "done", lines: 3, by: "x" })]); // prettier-ignore
  const evidence = withChain(chainOf(forged), forged);
  expect(verified(evidence).status).toBe(0);
  const { status, said } = verified(evidence, chainOf(PARTS).head);
  expect([status, said]).toEqual([1, expect.stringContaining("against the one that was given")]);
});

it.each<[string, Record<string, string>, string]>([
  [
    "a name that leads elsewhere",
    withChain(chainOf([["../../x", "x"], ...PARTS])),
    'part 1 of the chain: "../../x"',
  ],
  ["a name that is none", withChain({ ...chainOf(PARTS), parts: [null, 5] }), "part 1 of the chain"],
  ["a section in the wrong order", withChain(chainOf(PARTS.toReversed())), "is not a name that a run writes"],
  ["no chain", Object.fromEntries(PARTS), "FAULT chain.json: ENOENT"],
  ["a chain that is no JSON", { "chain.json": "{" }, "FAULT chain.json: "],
  ["a chain that is null", { "chain.json": "null" }, "it names no parts"],
  ["a part too few", withChain(chainOf(PARTS), PARTS.slice(1)), "part-00001-files.ndjson: ENOENT"],
  [
    "a part that the chain does not name",
    { ...withChain(chainOf(PARTS)), "part-00009-batches.ndjson": "" },
    "FAULT part-00009-batches.ndjson: the chain does not name it",
  ],
  [
    "rows that are no JSON",
    withChain(chainOf(PARTS.with(1, ["part-00002-batches.ndjson", "{\n"])), PARTS.with(1, ["part-00002-batches.ndjson", "{\n"])), // prettier-ignore
    "FAULT part-00002-batches.ndjson: ",
  ],
  [
    "a name that is taken where capitals count for nothing",
    { ...withChain(chainOf(PARTS)), "PART-00002-batches.ndjson.txt": "" },
    "FAULT PART-00002-batches.ndjson.txt: the chain does not name it",
  ],
  ["no summary", withChain(chainOf(PARTS.slice(0, 3)), PARTS.slice(0, 3)), "FAULT summaries: 0, expected 1"],
  ["the summary of another run", withChain({ ...chainOf(PARTS), run: "run-2" }), "FAULT run of the summary"],
])("names %s, and exits with 1", (_, files, fault) => {
  const { status, said } = verified(files);
  expect([status, said]).toEqual([1, expect.stringContaining(fault)]);
});

it("says which lines of an aborted run were not delivered", () => {
  const states = { done: 1, pending: 1, held: 1, refused: 1, discarded: 1 };
  const rows = Object.keys(states).map((state, n) => ({ batch: n + 1, file: 1, state, lines: 10 ** n }));
  const parts: Parts = [
    ["part-00001-files.ndjson", lines({ file: 1, state: "open", lines: { read: 11_111, kept: 11_111, malformed: 0, dropped: {} }, batches: { count: 5 } })],
    ["part-00002-batches.ndjson", lines(...rows)],
    ["part-00003-events.ndjson", lines({ event: 4, kind: "report_begun" })],
    ["part-00004-summary.ndjson", lines({ ...SUMMARY, stage_code: "aborted", delivery_completed: false, log_lines_sent: 1, files: { open: 1 }, batches: states, exceptions: 2 })],
  ]; // prettier-ignore
  const { status, said } = verified(withChain(chainOf(parts), parts));
  expect(status).toBe(0);
  expect(said).toContain('stage "aborted"');
  expect(said).toContain("\n1 lines delivered\n");
  expect(said).toContain("\n10 lines not settled, 100 held, 1000 refused, 10000 discarded; 2 exceptions\n");
});

it("prints no control character and no line of the evidence", () => {
  const run = "\u001b[2J\u009b8m\u202erun-1: 3 lines delivered; verified\nverified";
  const { status, said } = verified(withChain({ ...chainOf(PARTS), run, [`${run}x`]: 1 }));
  expect(status).toBe(1);
  expect(said).not.toMatch(/[^ -~\n]/);
  expect(said.split("\n")).not.toContain("verified");
});

it("verifies 160,000 batches within seconds", () => {
  const count = 160_000;
  const batches = Array.from({ length: count }, (_, n) => ({
    batch: n + 1,
    file: 1,
    parent: null,
    state: "done",
    lines: 1,
  }));
  const parts: Parts = [
    ["part-00001-files.ndjson", lines({ file: 1, state: "closed", lines: { read: count, kept: count, malformed: 0, dropped: {} }, batches: { count } })],
    ["part-00002-batches.ndjson", batches.map((row) => `${JSON.stringify(row)}\n`).join("")],
    ["part-00003-events.ndjson", lines({ event: 4, kind: "report_begun" })],
    ["part-00004-summary.ndjson", lines({ ...SUMMARY, log_lines_sent: count, batches: { done: count } })],
  ]; // prettier-ignore
  const { status, said } = verified(withChain(chainOf(parts), parts));
  expect([status, said]).toEqual([0, expect.stringContaining("160000 lines delivered")]);
});
