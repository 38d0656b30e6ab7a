// Lists the files below a directory under the keys that they get in the bucket. The loader and the independent
// recount both use it. A link counts as its target. Each directory is entered once, so that a link to a parent
// causes no endless loop.
import { readdir, realpath, stat } from "node:fs/promises";
import { join, relative, sep } from "node:path";

export interface FileBelow {
  path: string;
  /** The path relative to the directory, with "/". */
  key: string;
  size: number;
}

/** Returns the files sorted by key. Calls `onUnreadable` for a path that cannot be read, such as a broken link. */
export async function filesBelow(
  dir: string,
  options: { except?: string; onUnreadable?: (path: string, error: unknown) => void } = {},
): Promise<FileBelow[]> {
  const found: FileBelow[] = [];
  const entered = new Set<string>();
  const waiting = [dir];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    if (next === options.except) continue;
    const real = await realpath(next);
    if (entered.has(real)) continue;
    entered.add(real);
    const look = async (path: string) => {
      try {
        const { size, ...kind } = await kindOf(path);
        if (kind.isDirectory) waiting.push(path);
        else if (kind.isFile) found.push({ path, key: relative(dir, path).split(sep).join("/"), size });
      } catch (error) {
        options.onUnreadable?.(path, error);
      }
    };
    // All names are checked at the same time, because a folder of markers has tens of thousands of names.
    await Promise.all((await readdir(next)).map((name) => look(join(next, name))));
  }
  return found.sort((a, b) => (a.key < b.key ? -1 : 1));
}

/** Whether a path is a directory or a file. A socket, for example, is neither. */
async function kindOf(path: string): Promise<{ size: number; isDirectory: boolean; isFile: boolean }> {
  const entry = await stat(path);
  return { size: entry.size, isDirectory: entry.isDirectory(), isFile: entry.isFile() };
}
