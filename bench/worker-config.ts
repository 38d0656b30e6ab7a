// Derives the configurations of the bench's Workers from wrangler.toml, so that they cannot differ from the
// deployment.
import { readFile, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { unstable_readConfig } from "wrangler";

const PROJECT_DIR = resolve(import.meta.dirname, "..");
const DEPLOYED = join(PROJECT_DIR, "wrangler.toml");

const entryPath = (entry: string): string => join(PROJECT_DIR, "bench/worker", entry);

/** The vars of Workers that the bench calls without their HTTP API, and that never reach a receiver. */
export const BENCH_VARS = {
  CTYUN_ENDPOINT: "http://127.0.0.1:9",
  CTYUN_URI_EDGE: "/log/edge",
  CTYUN_PRIVATE_KEY: "key",
  API_TOKEN: "token",
  LOG_LEVEL: "error",
};

/** The deployed configuration, with another entry module. */
export async function wholeConfig(dir: string, entry: string): Promise<string> {
  const toml = await readFile(DEPLOYED, "utf8");
  const main = 'main = "src/index.ts"';
  if (!toml.includes(main)) throw new Error("wrangler.toml starts with another module than src/index.ts");
  return write(dir, "wrangler.toml", toml.replace(main, `main = ${JSON.stringify(entryPath(entry))}`));
}

/** A configuration of the same runtime with only the bucket. */
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
