// Tests when a start may use the files of an earlier build.
import { mkdir, mkdtemp, rm, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { RECORD, isBuiltFrom, recordOf, sourcesOf } from "../../../local/build/build-record.ts";

let project = "";
let dist = "";
const SOURCE = "src/ui/main.tsx";
const OUTPUT = "ui/index.html";

async function put(path: string, text: string): Promise<string> {
  const target = join(project, path);
  await mkdir(join(target, ".."), { recursive: true });
  await writeFile(target, text);
  return target;
}

beforeEach(async () => {
  project = await mkdtemp(join(tmpdir(), "backfill-record-"));
  dist = join(project, "dist");
  for (const path of [SOURCE, "local/build/a.ts", "local/openapi/a.ts", "package.json", "package-lock.json"])
    await put(path, "one");
  const output = await put(`dist/${OUTPUT}`, "page");
  await put(`dist/${RECORD}`, await recordOf(await sourcesOf(project), [output]));
});
afterEach(() => rm(project, { recursive: true, force: true }));

describe("an earlier build", () => {
  it("is used while sources and built files are the same", async () => {
    expect(await isBuiltFrom(dist, await sourcesOf(project))).toBe(true);
  });

  it.each<[string, () => Promise<unknown>]>([
    ["a source has another size", () => put(SOURCE, "other")],
    ["a source of the same size is newer", () => utimes(join(project, SOURCE), new Date(), new Date(1))],
    ["there is a new source", () => put("src/ui/new.ts", "")],
    ["a source is gone", () => rm(join(project, SOURCE))],
    ["the builder changed", () => put("local/build/a.ts", "two two")],
    ["a dependency changed", () => put("package-lock.json", "two two")],
    ["a built file is gone", () => rm(join(dist, OUTPUT))],
    ["a built file was changed", () => put(`dist/${OUTPUT}`, "another page")],
    ["there is no record", () => rm(join(dist, RECORD))],
    ["the record is cut off", () => put(`dist/${RECORD}`, '{"sources": {')],
  ])("is not used when %s", async (_what, change) => {
    await change();
    expect(await isBuiltFrom(dist, await sourcesOf(project))).toBe(false);
  });
});
