// Writes built files into dist/. Builds may run at the same time, because each start of the stack builds. So a file
// appears complete, and an unchanged file is not touched, because a running Worker watches the folder.
import { randomUUID } from "node:crypto";
import { chmod, mkdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { filesBelow } from "../files-below.ts";
import type { BuiltFile } from "./bundle.ts";

/** The name of a file that is being written. Other builds leave it alone. */
const UNFINISHED = ".unfinished-";

/** Afterwards the directory contains exactly these files. */
export async function writeDist(dir: string, files: readonly BuiltFile[]): Promise<void> {
  await mkdir(dir, { recursive: true });
  // The document comes last, because it refers to the other files.
  await Promise.all(files.filter((file) => !isDocument(file)).map((file) => writeIfChanged(dir, file)));
  await Promise.all(files.filter(isDocument).map((file) => writeIfChanged(dir, file)));
  const wanted = new Set(files.map(({ path }) => path));
  const present = await filesBelow(dir, { onUnreadable: () => {} });
  const old = present.filter(({ key }) => !wanted.has(key) && !key.includes(UNFINISHED));
  await Promise.all(old.map(({ path }) => rm(path, { force: true })));
}

function isDocument({ path }: BuiltFile): boolean {
  return path.endsWith(".html");
}

async function writeIfChanged(dir: string, { path, contents, isExecutable }: BuiltFile): Promise<void> {
  const target = join(dir, path);
  const wanted = Buffer.from(contents);
  const mode = isExecutable ? 0o755 : 0o644;
  const found = await readFile(target).catch(() => null);
  if (found?.equals(wanted) && ((await stat(target)).mode & 0o777) === mode) return;
  await mkdir(dirname(target), { recursive: true });
  const unfinished = join(dirname(target), `${UNFINISHED}${randomUUID()}`);
  await writeFile(unfinished, wanted);
  await chmod(unfinished, mode);
  await rename(unfinished, target);
}
