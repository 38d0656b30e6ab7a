// Builds dist/: the page and the command line. All code that serves the page calls this function first, so that no
// separate build command is necessary.
import { resolve } from "node:path";
import { bundle } from "./bundle.ts";
import { writeDist } from "./write-dist.ts";

const PROJECT_DIR = resolve(import.meta.dirname, "../..");
export const DIST_DIR = resolve(PROJECT_DIR, "dist");

export async function buildDist(): Promise<void> {
  await writeDist(DIST_DIR, await bundle(PROJECT_DIR));
}
