// `npm run build`: builds the page and the command line into dist/, and prints the sizes of what a browser loads.
import { readFile } from "node:fs/promises";
import { gzipSync } from "node:zlib";
import { buildDist } from "./build/build-dist.ts";
import { DIST_DIR } from "./build/dist-dir.ts";
import { flagsOf, readFlags } from "./command-line.ts";
import { filesBelow } from "./files-below.ts";

const USAGE = `usage: npm run build
  writes the page and the command line to dist/, and prints their sizes`;

flagsOf({ name: "build", usage: USAGE }, (args) => readFlags(args, {}));

try {
  const began = performance.now();
  await buildDist();
  const seconds = ((performance.now() - began) / 1_000).toFixed(2);
  for (const { path, key } of await filesBelow(DIST_DIR)) {
    if (!/\.(html|js|css|mjs)$/.test(key)) continue;
    const bytes = gzipSync(await readFile(path)).length;
    console.log(`${key.padEnd(44)} ${(bytes / 1_024).toFixed(1).padStart(7)} KiB gzip`);
  }
  console.log(`built in ${seconds} s`);
} catch (error) {
  console.error(`build: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
}
