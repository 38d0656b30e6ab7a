// Unpacking of an archive of evidence: writes only files with names that a run writes.
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { unpackZip } from "../../../src/cli/unpack-zip.ts";
import { archiveOf } from "../../support/evidence-files.ts";

const base = mkdtempSync(join(tmpdir(), "unpack-zip-"));
afterAll(() => rmSync(base, { recursive: true }));

it("unpacks the files that a run writes", async () => {
  const names = [
    "chain.json",
    "verify-evidence.mjs",
    "part-00001-files.ndjson",
    "part-123456-summary.ndjson",
  ];
  const archive = archiveOf(Object.fromEntries(names.map((name) => [name, "{}"])));
  const dir = join(base, "good");
  expect(await unpackZip(new Response(archive), dir)).toEqual(names);
  expect(readdirSync(dir).toSorted()).toEqual(names.toSorted());
});

it.each([
  "../chain.json",
  "./part-00001-files.ndjson",
  "sub/part-00001-files.ndjson",
  "part-00001-files.ndjson/",
  "PART-00001-files.ndjson",
  "part-00001-files.ndjson.txt",
  "part-000001-files.ndjson",
  "part-00001-other.ndjson",
  "Chain.json",
  "README.txt",
])("refuses the name %s", async (name) => {
  const unpacking = unpackZip(new Response(archiveOf({ [name]: "{}" })), join(base, "bad"));
  await expect(unpacking).rejects.toThrow("the archive has a file with the name");
});

it("refuses a name that is there twice", async () => {
  const text = Buffer.from(archiveOf({ "chain.json": "{}", "chain.jsoN": "{}" })).toString("latin1");
  const archive = new Uint8Array(Buffer.from(text.replaceAll("chain.jsoN", "chain.json"), "latin1"));
  const unpacking = unpackZip(new Response(archive), join(base, "twice"));
  await expect(unpacking).rejects.toThrow("the archive has a file with the name");
});
