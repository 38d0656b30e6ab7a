// Records from which sources dist/ was built, so that a start with unchanged sources does not build again. A source
// counts as unchanged while its size and its time of change are the same.
import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { filesBelow } from "../files-below.ts";

/** The file of the record in dist/. `.assetsignore` keeps it out of a deployment. */
export const RECORD = ".built-from.json";
/** Everything that the builder reads, and the builder itself. */
const SOURCES = ["src", "local/build", "local/openapi"];
const SOURCE_FILES = ["package.json", "package-lock.json"];

interface BuildRecord {
  sources: Record<string, Seen>;
  files: Record<string, Seen>;
}

/** The size and the time of change of a file. The time is in milliseconds since 1970. */
export type Seen = [size: number, changedAt: number];

/** Reads the sources before a build. */
export async function sourcesOf(projectDir: string): Promise<Record<string, Seen>> {
  const below = await Promise.all(SOURCES.map((dir) => filesBelow(join(projectDir, dir))));
  const paths = [
    ...below.flat().map(({ path }) => path),
    ...SOURCE_FILES.map((name) => join(projectDir, name)),
  ];
  return seen(paths);
}

/** The text of the record of a build. `paths` are the files that the build has written. */
export async function recordOf(sources: Record<string, Seen>, paths: readonly string[]): Promise<string> {
  return JSON.stringify({ sources, files: await seen(paths) } satisfies BuildRecord);
}

/** Whether the folder contains a build of these sources, with each file as the build wrote it. */
export async function isBuiltFrom(dir: string, sources: Record<string, Seen>): Promise<boolean> {
  try {
    const record = JSON.parse(await readFile(join(dir, RECORD), "utf8")) as BuildRecord;
    const files = await seen(Object.keys(record.files));
    return same(record.sources, sources) && same(record.files, files);
  } catch {
    // If there is no record, or it cannot be read, dist/ is built again.
    return false;
  }
}

/** @throws Error when a file is missing. */
export async function seen(paths: readonly string[]): Promise<Record<string, Seen>> {
  const entries = await Promise.all(
    paths.map(async (path): Promise<[string, Seen]> => {
      const { size, mtimeMs } = await stat(path);
      return [path, [size, mtimeMs]];
    }),
  );
  return Object.fromEntries(entries.toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

function same(one: Record<string, Seen>, other: Record<string, Seen>): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}
