// Changes each member of a small archive in many ways, writes its chain again, and compares the two verifiers. They must
// agree about each change. A list says which changes a chain without a noted head cannot show.
import { expect, it } from "vitest";
import { checkChain } from "../../src/http/runs/check-chain.ts";
import {
  archiveOf,
  chainOf,
  filesOf,
  ndjson,
  pageVerdict,
  scriptVerdict,
  type Files,
} from "../support/evidence-files.ts";

const EVENTS = [
  { event: 1, at: "2026-04-23T01:02:03.000Z", actor: "token", kind: "started", detail: {} },
  { event: 4, at: "2026-04-23T02:02:03.000Z", actor: "system", kind: "report_begun", detail: {} },
];
const FILES = [
  {
    file: 1,
    key: "logs/1.log.gz",
    state: "closed",
    counted: true,
    lines: { read: 12, kept: 8, malformed: 1, dropped: { outside_window: 2, not_top_level: 1 } },
    batches: { first: 1, count: 2 },
  },
  {
    file: 2,
    key: "logs/2.log.gz",
    state: "accepted",
    counted: true,
    lines: { read: 5, kept: 4, malformed: 1, dropped: {} },
    batches: { first: 3, count: 1 },
  },
  {
    file: 3,
    key: "logs/3.log.gz",
    state: "accepted",
    counted: false,
    lines: { read: 9, kept: 9, malformed: 0, dropped: {} },
    batches: { first: null, count: 0 },
  },
];
const attempt = (number: number, state: string, follower: number | null = null, more: object = {}) => ({
  attempt: number,
  state,
  cause: "timeout",
  followed_by: follower,
  ...more,
});
const BATCHES = [
  { batch: 1, file: 1, parent: null, state: "done", lines: 3, exceptional_attempts: [attempt(1, "uncertain", 2), attempt(2, "refused")] },
  { batch: 2, file: 1, parent: null, state: "split", lines: 5, exceptional_attempts: [attempt(1, "refused")] },
  { batch: 3, file: 2, parent: null, state: "done", lines: 4, exceptional_attempts: [attempt(1, "duplicate"), attempt(2, "uncertain", null, { deduped_by: 3 })] },
  { batch: 4, file: 1, parent: 2, state: "done", lines: 2, exceptional_attempts: [] },
  { batch: 5, file: 1, parent: 2, state: "discarded", lines: 3, exceptional_attempts: [attempt(1, "uncertain", 0)] },
  // Other batches replaced this one, and it was delivered late.
  { batch: 6, file: 1, parent: null, state: "split", lines: 7, exceptional_attempts: [attempt(1, "done")] },
]; // prettier-ignore
const SUMMARY = {
  id: "run-1",
  stage_code: "cleaned",
  window: { interval: "[a, b)" },
  delivery_completed: true,
  fully_completed: true,
  exceptions: 1,
  files: { closed: 1, accepted: 2, failed: 0 },
  batches: { done: 3, split: 2, discarded: 1, pending: 0 },
  lines: { read: 17, malformed: 2 },
  log_lines_sent: 9,
  uncertain_attempts: 3,
  duplicate_lines: 11,
  deduped_lines: 4,
  possible_duplicate_lines: 9,
  live: { lines_sent_while_waiting: 2, live_delivered_meanwhile: { batches: 1, lines: 1 } },
  receiver: "default",
  dry_run: false,
};
type Section = "files" | "batches" | "events" | "summary";
const ROWS: Record<Section, unknown[]> = {
  files: FILES,
  batches: BATCHES,
  events: EVENTS,
  summary: [SUMMARY],
};
const SECTIONS: readonly Section[] = ["files", "batches", "events", "summary"];

const partsOf = (rows: Record<Section, unknown[]>) =>
  SECTIONS.map((section, n): [string, string] => [
    `part-0000${n + 1}-${section}.ndjson`,
    ndjson(...rows[section]),
  ]);

/** The JSON texts of a value, changed at each of its members. The key says which member was changed, and how. */
function* changes(
  value: unknown,
  path: string[] = [],
): Generator<[where: string, how: string, changed: unknown]> {
  if (path.length > 0) for (const [how, other] of othersOf(value)) yield [path.join("."), how, other];
  if (typeof value !== "object" || value === null) return;
  const isList = Array.isArray(value);
  for (const [key, inner] of Object.entries(value)) {
    const at = [...path, isList ? "" : key].filter(Boolean);
    for (const [where, how, changed] of changes(inner, at))
      yield [where, how, withMember(value, key, changed)];
    yield [at.join("."), "removed", withoutMember(value, key)];
    if (isList) yield [at.join("."), "twice", [...(value as unknown[]), inner]];
  }
}

function othersOf(value: unknown): [how: string, other: unknown][] {
  const others: [string, unknown][] = [["null", null], ["object", { toString: 1 }], ["list", [1]], ["string", `${String(value)}x`]]; // prettier-ignore
  if (typeof value === "number")
    others.push(["more", value + 1], ["fewer", Math.max(0, value - 1)], ["negative", -value - 1], ["fraction", value + 0.5], ["huge", 2 ** 60], ["digits", String(value)]); // prettier-ignore
  else others.push(["number", 1]);
  if (typeof value === "boolean") others.push(["not", !value]);
  return others.filter(([, other]) => JSON.stringify(other) !== JSON.stringify(value));
}

function withMember(value: object, key: string, inner: unknown): unknown {
  return Array.isArray(value) ? value.with(Number(key), inner) : { ...value, [key]: inner };
}

function withoutMember(value: object, key: string): unknown {
  if (Array.isArray(value)) return value.toSpliced(Number(key), 1);
  return Object.fromEntries(Object.entries(value).filter(([name]) => name !== key));
}

/** What both verifiers say. Throws when they do not agree, or when one of them ends with an error. */
async function agreed(what: string, files: Files, head: string | null): Promise<boolean> {
  const page = await pageVerdict(archiveOf(files, 0), head);
  const { isVerified, said } = scriptVerdict(files, head);
  expect(isVerified, `${what}: ${page.faults.join("; ")} | ${said}`).toBe(page.isVerified);
  return isVerified;
}

const ANY_TEXT = "list null number object removed string";
const ANY_NUMBER = "digits fewer fraction huge list more negative null object removed string";
/** The changes of the rows that both verifiers let pass, by member. Only a noted head shows them. */
const MAY_PASS: Record<string, string> = {
  // No sum depends on these members.
  "files key": ANY_TEXT,
  "files batches.first": `${ANY_NUMBER} number`.split(" ").toSorted().join(" "),
  "batches exceptional_attempts.cause": ANY_TEXT,
  "events actor": ANY_TEXT,
  "events at": ANY_TEXT,
  "events detail": ANY_TEXT,
  "events kind": ANY_TEXT,
  "summary dry_run": ANY_TEXT,
  "summary live.live_delivered_meanwhile.batches": ANY_NUMBER,
  "summary window": ANY_TEXT,
  "summary window.interval": ANY_TEXT,
  // These may be other numbers, as long as they ascend and exist.
  "files file": "more",
  "files batches.count": "fewer more",
  "batches batch": "more",
  "batches file": "more",
  "batches exceptional_attempts.attempt": "fewer more",
  "batches exceptional_attempts.deduped_by": "fewer more",
  "batches exceptional_attempts.followed_by": "fewer more number removed",
  "events event": "more",
  "summary exceptions": "fewer more removed",
  // A run writes these values too, and older evidence lacks these members.
  "files lines": "null",
  "files counted": "removed",
  "batches exceptional_attempts": "removed",
  "batches parent": "removed",
  "summary batches.pending": "removed",
  "summary files.failed": "removed",
  "summary deduped_lines": "removed",
  "summary duplicate_lines": "removed",
  "summary fully_completed": "removed",
  "summary possible_duplicate_lines": "removed",
  "summary receiver": "removed",
  "summary uncertain_attempts": "removed",
};

it("agrees about what a run writes", async () => {
  const files = filesOf(partsOf(ROWS));
  expect(await agreed("unchanged", files, null)).toBe(true);
  expect(await agreed("unchanged", files, chainOf(partsOf(ROWS)).head)).toBe(true);
  expect(scriptVerdict(files, null).said).toContain(
    "1 files were accepted and are in no sum: at least 9 of their lines were not sent",
  );
});

it("agrees about each changed member of a row, and shows all but a known list of changes", async () => {
  const passed: Record<string, Set<string>> = {};
  for (const section of SECTIONS)
    for (const [n, row] of ROWS[section].entries())
      for (const [where, how, changed] of changes(row)) {
        const parts = partsOf({ ...ROWS, [section]: ROWS[section].with(n, changed) });
        const what = `${section} ${where}`;
        if (await agreed(`${what} ${how}`, filesOf(parts), null)) (passed[what] ??= new Set()).add(how);
      }
  const found = Object.entries(passed).map(([what, hows]) => [what, [...hows].toSorted().join(" ")]);
  expect(Object.fromEntries(found)).toEqual(MAY_PASS);
});

it("agrees about rows that are missing, there twice, exchanged, or no objects", async () => {
  for (const section of SECTIONS)
    for (const [n, row] of ROWS[section].entries()) {
      const rows = ROWS[section];
      const others: [string, unknown[]][] = [
        ["missing", rows.toSpliced(n, 1)],
        ["twice", rows.toSpliced(n, 0, row)],
        ["null", rows.with(n, null)],
        ["a number", rows.with(n, 5)],
        ["a list", rows.with(n, [row])],
        ...(n > 0 ? [["exchanged", rows.with(n, rows[n - 1]).with(n - 1, row)] as [string, unknown[]]] : []),
      ];
      for (const [how, changed] of others) {
        const parts = partsOf({ ...ROWS, [section]: changed });
        const isVerified = await agreed(`${section} ${n} ${how}`, filesOf(parts), null);
        // No sum depends on an event that begins no writing.
        const mayPass = how === "missing" && section === "events" && n === 0;
        expect([section, n, how, isVerified]).toEqual([section, n, how, mayPass]);
      }
    }
});

/** Whether the Worker accepts this chain. It compares the sizes of the parts with the bucket later. */
function isAccepted(chain: unknown): boolean {
  const { head } = chainOf(partsOf(ROWS));
  const report = { head, generation: 4, parts: 4, complete: true, prefix: "backfill-reports/run-1/g000004/" };
  const text = typeof chain === "string" ? chain : JSON.stringify(chain);
  return checkChain(text, "run-1", report).ok;
}

it("agrees with the Worker that no changed member of the chain passes", async () => {
  const parts = partsOf(ROWS);
  const chain = chainOf(parts);
  expect(isAccepted(chain)).toBe(true);
  for (const [where, how, changed] of changes(chain)) {
    const isOtherSize = where === "parts.bytes" && ["more", "fewer"].includes(how);
    const verdicts = [await agreed(`${where} ${how}`, filesOf(parts, changed), null), isAccepted(changed)];
    expect([where, how, verdicts]).toEqual([where, how, [false, isOtherSize]]);
  }
  for (const more of [
    { ...chain, note: 1 },
    { ...chain, parts: chain.parts.map((part) => ({ ...part, note: 1 })) },
  ])
    expect([await agreed("one more member", filesOf(parts, more), null), isAccepted(more)]).toEqual([
      false,
      false,
    ]);
});

const FILES_OF_RUN = filesOf(partsOf(ROWS));
const CHAIN = FILES_OF_RUN["chain.json"] as string;
const BATCHES_NAME = "part-00002-batches.ndjson";
const withRows = (text: string) => {
  const parts = partsOf(ROWS).with(1, [BATCHES_NAME, text]);
  return filesOf(parts);
};

it.each<[string, Files]>([
  ["a chain with a byte order mark", { ...FILES_OF_RUN, "chain.json": `\ufeff${CHAIN}` }],
  [
    "a chain with a member twice",
    { ...FILES_OF_RUN, "chain.json": CHAIN.replace('"run"', '"run": "run-2", "run"') },
  ],
  [
    "a chain with a number in another form",
    { ...FILES_OF_RUN, "chain.json": CHAIN.replace(/"bytes": (\d+)/, '"bytes": $1.0') },
  ],
  ["a chain in UTF-16", { ...FILES_OF_RUN, "chain.json": Buffer.from(`\ufeff${CHAIN}`, "utf16le") }],
  ["rows with a byte order mark", withRows(`\ufeff${ndjson(...BATCHES)}`)],
  [
    "a part number with six digits",
    {
      ...FILES_OF_RUN,
      "chain.json": CHAIN.replace("part-00002", "part-000002"),
      "part-000002-batches.ndjson": FILES_OF_RUN[BATCHES_NAME] ?? "",
    },
  ],
  ["a part of no chain", { ...FILES_OF_RUN, "part-00009-batches.ndjson": "{}" }],
  ["a part of no chain in capitals", { ...FILES_OF_RUN, "PART-00002-batches.ndjson": "{}" }],
  ["a part of another ending", { ...FILES_OF_RUN, "part-00002-batches.txt": "{}" }],
  ["a chain in capitals", { ...FILES_OF_RUN, "Chain.json": "{}" }],
])("agrees that %s does not pass", async (what, files) => {
  expect(await agreed(what, files, null)).toBe(false);
  const { "chain.json": chain = "" } = files;
  // The Worker reads only the parts that the chain names.
  expect(chain === CHAIN || !isAccepted(Buffer.from(chain).toString("utf8"))).toBe(true);
});
