// The verification in the browser: agrees with the script of the archive, and shows what was changed.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { strToU8, zipSync } from "fflate";
import { afterAll, describe, expect, it } from "vitest";
import { verifyArchive, type Verdict } from "../../src/ui/verify/verify-archive.ts";

const base = mkdtempSync(join(tmpdir(), "verify-archive-"));
afterAll(() => rmSync(base, { recursive: true }));

const sha256 = (text: string) => createHash("sha256").update(text).digest("hex");
const rows = (...of: object[]) => of.map((row) => `${JSON.stringify(row)}\n`).join("");
type Parts = [name: string, text: string][];
type Files = Record<string, string>;

const SUMMARY = {
  id: "run-1",
  log_lines_sent: 3,
  files: { closed: 1, failed: 0 },
  batches: { done: 1, split: 1 },
  delivery_completed: true,
};

function partsOf(
  over: { file?: object; batch?: object; parts?: object[]; summary?: object; event?: number } = {},
): Parts {
  const lines = { read: 5, kept: 3, malformed: 1, dropped: { outside_window: 1 } };
  return [
    [
      "part-00001-files.ndjson",
      rows({ file: 1, state: "closed", lines, batches: { count: 1 }, ...over.file }),
    ],
    [
      "part-00002-batches.ndjson",
      rows(
        { batch: 1, file: 1, state: "done", lines: 3, ...over.batch },
        { batch: 2, file: 1, state: "split", lines: 9 },
        ...(over.parts ?? []),
      ),
    ],
    ["part-00003-events.ndjson", rows({ event: over.event ?? 4, kind: "report_begun" })],
    ["part-00004-summary.ndjson", rows({ ...SUMMARY, ...over.summary })],
  ];
}

function chainOf(parts: Parts) {
  let link = "";
  const linked = parts.map(([name, text]) => {
    link = sha256(link + sha256(text));
    return { name, bytes: Buffer.byteLength(text), sha256: sha256(text), chain: link };
  });
  return { run: "run-1", generation: 4, algorithm: "sha256", head: link, parts: linked };
}

const HEAD = chainOf(partsOf()).head;

function filesOf(parts: Parts, chain: object = chainOf(parts)): Files {
  return { "chain.json": JSON.stringify(chain), ...Object.fromEntries(parts) };
}

function archiveOf(files: Files): Uint8Array<ArrayBuffer> {
  const entries = Object.entries(files).map(([name, text]) => [name, strToU8(text)] as const);
  return new Uint8Array(zipSync(Object.fromEntries(entries)));
}

function verified(data: Uint8Array<ArrayBuffer>, head: string | null): Promise<Verdict> {
  return verifyArchive(new Blob([data]), head, () => {});
}

let dirs = 0;

/** Whether the script of the archive verifies the same files. */
function scriptVerifies(files: Files, head: string | null): boolean {
  const dir = join(base, String((dirs += 1)));
  mkdirSync(dir);
  for (const [name, text] of Object.entries(files)) writeFileSync(join(dir, name), text);
  const script = join(process.cwd(), "src/evidence/verify-evidence.txt");
  const copy = join(base, "verify-evidence.mjs");
  spawnSync("cp", [script, copy]);
  return spawnSync(process.execPath, [copy, dir, ...(head === null ? [] : [head])]).status === 0;
}

const withoutPart = ({ "part-00002-batches.ndjson": _gone, ...files }: Files): Files => files;
const forged = partsOf({ batch: { by: "x" } });
const reordered = [partsOf()[1], partsOf()[0], partsOf()[2], partsOf()[3]] as Parts;

const CASES: [what: string, files: Files, head: string | null, fault: string | null][] = [
  ["what a run wrote", filesOf(partsOf()), HEAD, null],
  ["what a run wrote, without a head", filesOf(partsOf()), null, null],
  ["a chain that was forged as a whole", filesOf(forged), HEAD, "against the one of the run"],
  ["a part that was changed", filesOf(forged, chainOf(partsOf())), HEAD, "part-00002-batches.ndjson sha256"],
  ["a part that is missing", withoutPart(filesOf(partsOf())), HEAD, "not in the archive"],
  ["a part that no chain names", { ...filesOf(partsOf()), "part-00005-summary.ndjson": "{}" }, HEAD, "does not name it"],
  ["parts in another order", filesOf(reordered), null, "is not a name that a run writes"],
  ["another run's summary", filesOf(partsOf({ summary: { id: "run-2" } })), null, "run of the summary"],
  ["the receiver of the run's id", filesOf(partsOf({ summary: { receiver: "default" } })), null, null],
  ["another receiver than the run's id", filesOf(partsOf({ summary: { receiver: "siem" } })), null, "receiver of the summary"],
  ["an older generation's events", filesOf(partsOf({ event: 3 })), null, "generation"],
  ["lines that do not add up", filesOf(partsOf({ file: { lines: { read: 6, kept: 3, malformed: 1, dropped: {} } } })), null, "file 1 lines read"],
  ["batches without the kept lines", filesOf(partsOf({ batch: { lines: 2 }, summary: { log_lines_sent: 2 } })), null, "file 1 lines kept"],
  ["parts with the lines of their batch", filesOf(partsOf({ batch: { parent: 2 }, parts: [{ batch: 3, parent: 2, file: 9, state: "discarded", lines: 6 }], summary: { batches: { discarded: 1 } } })), null, null],
  ["parts without a line of their batch", filesOf(partsOf({ batch: { parent: 2 }, parts: [{ batch: 3, parent: 2, file: 9, state: "discarded", lines: 5 }], summary: { batches: { discarded: 1 } } })), null, "lines of the parts of batch 2"],
  ["a summary with other lines", filesOf(partsOf({ summary: { log_lines_sent: 4 } })), null, "lines sent"],
  ["a summary with other files", filesOf(partsOf({ summary: { files: { closed: 2 } } })), null, "files closed"],
  ["a summary with other batches", filesOf(partsOf({ summary: { batches: { done: 2 } } })), null, "batches done"],
  ["open batches of a delivered run", filesOf(partsOf({ batch: { state: "held" }, summary: { log_lines_sent: 0, batches: {} } })), null, "unsettled batches"],
  ["a chain without parts", { "chain.json": "{}" }, null, "names no parts"],
  ["no chain", withChain(null), null, "chain.json"],
]; // prettier-ignore

function withChain(chain: string | null): Files {
  const { "chain.json": _chain, ...files } = filesOf(partsOf());
  return chain === null ? files : { ...files, "chain.json": chain };
}

describe("an archive with", () => {
  it.each(CASES)(
    "%s gets the verdict of the script, and the fault by name",
    async (_what, files, head, fault) => {
      const { isVerified, faults } = await verified(archiveOf(files), head);
      expect(faults.join("\n")).toContain(fault ?? "");
      expect(isVerified).toBe(fault === null);
      expect(scriptVerifies(files, head)).toBe(isVerified);
    },
  );
});

describe("an archive", () => {
  it("counts its rows, and reports its progress", async () => {
    const seen: string[] = [];
    const archive = new Blob([archiveOf(filesOf(partsOf()))]);
    const verdict = await verifyArchive(archive, HEAD, ({ parts, of }) => seen.push(`${parts}/${of}`));
    expect(verdict).toEqual({
      isVerified: true,
      faults: [],
      head: HEAD,
      counts: { files: 1, batches: 2, events: 1, lines: 3 },
    });
    expect(seen).toEqual(["1/4", "2/4", "3/4", "4/4"]);
  });

  it("is never verified with one changed byte, wherever it is, unless the byte means nothing", async () => {
    const whole = archiveOf(filesOf(partsOf()));
    const silent: number[] = [];
    for (let at = 0; at < whole.length; at++) {
      const changed = whole.slice();
      changed[at] = (changed[at] ?? 0) ^ 0xff;
      const { isVerified, head } = await verified(changed, HEAD);
      // Times and checksums of the container, and the member "algorithm", are no evidence.
      if (isVerified) silent.push(at);
      if (isVerified) expect(head).toBe(HEAD);
    }
    expect(silent.length).toBeLessThan(whole.length / 3);
  });

  it("is a fault when it is cut off, empty, or no archive", async () => {
    const whole = archiveOf(filesOf(partsOf()));
    for (const data of [whole.slice(0, -30), new Uint8Array(0), new Uint8Array(500)]) {
      const { isVerified, faults } = await verified(data, HEAD);
      expect([isVerified, faults]).toEqual([false, [expect.stringContaining("the archive")]]);
    }
  });
});
