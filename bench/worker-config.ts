// Writes the configurations of the bench's Workers. They are made from wrangler.toml, so that they do not differ from
// the deployment.
import { readFile, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { unstable_readConfig } from "wrangler";
import { buildDist } from "../local/build/build-dist.ts";
import { DIST_DIR } from "../local/build/dist-dir.ts";

const PROJECT_DIR = resolve(import.meta.dirname, "..");
const DEPLOYED = join(PROJECT_DIR, "wrangler.toml");

const entryPath = (entry: string): string => join(PROJECT_DIR, "bench/worker", entry);

/** The vars of Workers that the bench calls without their HTTP API. These Workers never reach a receiver. */
export const BENCH_VARS = {
  CTYUN_ENDPOINT: "http://127.0.0.1:9",
  CTYUN_URI_EDGE: "/log/edge",
  CTYUN_PRIVATE_KEY: "key",
  API_TOKEN: "token",
  LOG_LEVEL: "error",
};

/** The deployed configuration with another entry module. The configuration is written to another folder, so the path
 * of the page's files becomes absolute. */
export async function wholeConfig(dir: string, entry: string): Promise<string> {
  const toml = await readFile(DEPLOYED, "utf8");
  const main = 'main = "src/index.ts"';
  if (!toml.includes(main)) throw new Error("wrangler.toml starts with another module than src/index.ts");
  const assets = 'directory = "./dist"';
  if (!toml.includes(assets)) throw new Error("wrangler.toml takes the page from another folder than dist/");
  // The runtime does not start when the folder of the page's files is missing.
  await buildDist();
  const moved = toml
    .replace(main, `main = ${JSON.stringify(entryPath(entry))}`)
    .replace(assets, `directory = ${JSON.stringify(DIST_DIR)}`);
  return write(dir, "wrangler.toml", moved);
}

/** A configuration with the same runtime settings. Its only binding is the bucket. */
export async function bucketConfig(dir: string, entry: string): Promise<string> {
  const { name, compatibility_date, compatibility_flags, r2_buckets } = unstable_readConfig({
    config: DEPLOYED,
  });
  const config = { name, compatibility_date, compatibility_flags, r2_buckets, main: entryPath(entry) };
  return write(dir, "wrangler.json", JSON.stringify(config));
}

async function write(dir: string, name: string, content: string): Promise<string> {
  await writeFile(join(dir, name), content);
  return join(dir, name);
}
