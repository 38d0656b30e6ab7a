// Unpacks an archive while it arrives, so that the size of the evidence is not limited by memory.
import { closeSync, mkdirSync, openSync, writeSync } from "node:fs";
import { join } from "node:path";
import { Unzip, UnzipInflate, type UnzipFile } from "fflate";
import { FailedFault, NotReachedFault } from "./faults.ts";

/** The names that a run writes. With other names an archive could write outside of the directory, or take the place
 * of another file. */
const KNOWN_NAME =
  /^(chain\.json|verify-evidence\.mjs|part-(\d{5}|[1-9]\d{5,9})-(files|batches|events|summary)\.ndjson)$/;

/** Unpacks the files and returns their names. Overwrites existing files.
 * @throws FailedFault when the archive is damaged or a file name is not accepted. */
export async function unpackZip(response: Response, dir: string): Promise<string[]> {
  mkdirSync(dir, { recursive: true });
  const open = new Map<string, number>();
  const names = new Set<string>();
  const unzip = new Unzip((file) => {
    if (!KNOWN_NAME.test(file.name) || names.has(file.name)) {
      throw new FailedFault(`the archive has a file with the name ${JSON.stringify(file.name)}`);
    }
    names.add(file.name);
    writeTo(file, join(dir, file.name), open);
  });
  unzip.register(UnzipInflate);
  try {
    for await (const chunk of (response.body ?? []) as AsyncIterable<Uint8Array>) unzip.push(chunk);
    unzip.push(new Uint8Array(0), true);
  } catch (error) {
    if (error instanceof TypeError) {
      throw new NotReachedFault("the archive was cut off: the connection was lost", "repeat the command");
    }
    if (error instanceof FailedFault) throw error;
    throw new FailedFault(`the archive is damaged: ${(error as Error).message}`, "repeat the command");
  } finally {
    for (const descriptor of open.values()) closeSync(descriptor);
  }
  const [unfinished] = open.keys();
  if (unfinished !== undefined)
    throw new FailedFault(`the archive was cut off inside ${unfinished}`, "repeat the command");
  return [...names];
}

function writeTo(file: UnzipFile, path: string, open: Map<string, number>): void {
  const descriptor = openSync(path, "w");
  open.set(file.name, descriptor);
  file.ondata = (error, chunk, isLast) => {
    if (error) throw error;
    for (let at = 0; at < chunk.length; at += writeSync(descriptor, chunk, at));
    if (!isLast) return;
    closeSync(descriptor);
    open.delete(file.name);
  };
  file.start();
}
