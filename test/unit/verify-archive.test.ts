// The verification in the browser: agrees with the script of the archive, and shows what was changed.
import { strToU8, Zip, ZipDeflate } from "fflate";
import { describe, expect, it } from "vitest";
import { verifyArchive } from "../../src/ui/verify/verify-archive.ts";
import {
  archiveOf,
  chainOf,
  filesOf,
  ndjson as rows,
  pageVerdict as verified,
  scriptVerdict,
  type Files,
  type Parts,
} from "../support/evidence-files.ts";

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

const HEAD = chainOf(partsOf()).head;

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
  ["parts with the lines of their batch", filesOf(partsOf({ file: { lines: { read: 11, kept: 9, malformed: 1, dropped: { outside_window: 1 } } }, batch: { parent: 2 }, parts: [{ batch: 3, parent: 2, file: 1, state: "discarded", lines: 6 }], summary: { batches: { done: 1, discarded: 1, split: 1 } } })), null, null],
  ["parts without a line of their batch", filesOf(partsOf({ file: { lines: { read: 10, kept: 8, malformed: 1, dropped: { outside_window: 1 } } }, batch: { parent: 2 }, parts: [{ batch: 3, parent: 2, file: 1, state: "discarded", lines: 5 }], summary: { batches: { done: 1, discarded: 1, split: 1 } } })), null, "lines of the parts of batch 2"],
  ["a summary with other lines", filesOf(partsOf({ summary: { log_lines_sent: 4 } })), null, "lines sent"],
  ["a summary with other files", filesOf(partsOf({ summary: { files: { closed: 2 } } })), null, "files closed"],
  ["a summary with other batches", filesOf(partsOf({ summary: { batches: { done: 2 } } })), null, "batches done"],
  ["open batches of a delivered run", filesOf(partsOf({ batch: { state: "held" }, summary: { log_lines_sent: 0, batches: { held: 1, split: 1 } } })), null, "unsettled batches"],
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
      expect(scriptVerdict(files, head).isVerified).toBe(isVerified);
    },
  );
});

/** An archive of a run with one more file, whose name is then changed in its header, or everywhere. */
function withFile(name: string, how: "everywhere" | "in its header" = "everywhere"): Uint8Array<ArrayBuffer> {
  const placeholder = "x".repeat(name.length);
  const whole = Buffer.from(archiveOf({ ...filesOf(partsOf()), [placeholder]: "{}" })).toString("latin1");
  const changed =
    how === "everywhere" ? whole.replaceAll(placeholder, name) : whole.replace(placeholder, name);
  return new Uint8Array(Buffer.from(changed, "latin1"));
}

/** An archive of a run in whose header a file has another name than in the directory. */
function withHeader(name: string, other: string): Uint8Array<ArrayBuffer> {
  const whole = Buffer.from(archiveOf(filesOf(partsOf()))).toString("latin1");
  return new Uint8Array(Buffer.from(whole.replace(name, other), "latin1"));
}

describe("an archive", () => {
  it.each([
    ["a part twice", withFile("part-00002-batches.ndjson")],
    ["the chain twice", withFile("chain.json")],
    ["the script twice", withFile("verify-evidence.mjs")],
    ["a part with a path to the same folder", withFile("./part-00002-batches.ndjson")],
    ["a part in a folder", withFile("sub/part-00002-batches.ndjson")],
    ["a folder named like a part", withFile("part-00009-batches.ndjson/")],
    ["a part in capitals", withFile("PART-00002-batches.ndjson")],
    ["any other file", withFile("SUMMARY.txt")],
    ["an unknown name in a header", withHeader("part-00002", "part-00009")],
    ["a name of the chain in a header", withFile("part-00002-batches.ndjson", "in its header")],
    ["bytes before it", Buffer.concat([Buffer.from("#!/bin/sh\n"), archiveOf(filesOf(partsOf()))])],
    ["bytes behind it", Buffer.concat([archiveOf(filesOf(partsOf())), Buffer.from("more")])],
    ["another archive before it", Buffer.concat([archiveOf(filesOf(forged)), archiveOf(filesOf(partsOf()))])],
  ])("is a fault with %s", async (_what, data) => {
    const { isVerified, faults } = await verified(new Uint8Array(data), HEAD);
    expect([isVerified, faults.length > 0]).toEqual([false, true]);
  });

  it("is a fault without its script", async () => {
    const { "verify-evidence.mjs": _script, ...files } = filesOf(partsOf());
    const { faults } = await verified(archiveOf(files), HEAD);
    expect(faults).toEqual(["verify-evidence.mjs: not in the archive"]);
  });

  it("is verified as the API writes it, with the size of each file behind it", async () => {
    const chunks: Uint8Array[] = [];
    const zip = new Zip((_error, chunk) => chunks.push(chunk));
    for (const [name, text] of Object.entries(filesOf(partsOf()))) {
      const file = new ZipDeflate(name, { level: 1 });
      zip.add(file);
      file.push(strToU8(text as string), true);
    }
    zip.end();
    expect(await verified(new Uint8Array(Buffer.concat(chunks)), HEAD)).toMatchObject({
      faults: [],
      isVerified: true,
    });
  });

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
    const whole = archiveOf({ ...filesOf(partsOf()), "verify-evidence.mjs": "" });
    const silent: number[] = [];
    for (let at = 0; at < whole.length; at++) {
      const changed = whole.slice();
      changed[at] = (changed[at] ?? 0) ^ 0xff;
      const { isVerified, head } = await verified(changed, HEAD);
      // Times and checksums of the container are no evidence.
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
