// Reads a Worker's configuration and bundles its code, as wrangler does for a deployment, into values for the embedded
// runtime. wrangler and esbuild take longer to load than the runtime, so they are loaded only after a change (disk-cache.ts).
import { createHash } from "node:crypto";
import { dirname, relative, resolve } from "node:path";
import type { Unstable_MiniflareWorkerOptions } from "wrangler";
import { PROJECT_DIR } from "../build/dist-dir.ts";
import { keptOnDisk, type Made } from "./disk-cache.ts";
import { quietEnvironment } from "./runtime-environment.ts";

export interface WorkerParts {
  /** The entry of the code. Absolute path. */
  main: string;
  /** The vars of the configuration, without those of the flags. */
  vars: Record<string, unknown>;
  /** The name of the bucket that is bound as LOGS. Null: no bucket is bound as LOGS. */
  logsBucket: string | null;
  /** What the runtime needs to know of the Worker in addition to its code. */
  options: Unstable_MiniflareWorkerOptions["workerOptions"];
  /** The bundled code: one ES module. */
  code: string;
}

interface R2Binding {
  binding: string;
  bucket_name?: string;
}

/** The value also depends on these files: package-lock.json has the versions of wrangler and esbuild, and this file
 * has the settings. */
const MAKERS = [resolve(PROJECT_DIR, "package-lock.json"), import.meta.filename];

/** @throws Error of wrangler or esbuild, whose message contains the place in the configuration or the code. */
export async function workerParts(configPath: string): Promise<WorkerParts> {
  const make = () => madeFrom(configPath);
  // A configuration outside the project is temporary and read only once, so it is not kept.
  const isOurs = !relative(PROJECT_DIR, configPath).startsWith("..");
  return isOurs ? keptOnDisk(`worker-${hashOf(configPath)}`, make) : (await make()).value;
}

async function madeFrom(configPath: string): Promise<Made<WorkerParts>> {
  quietEnvironment();
  const { unstable_getMiniflareWorkerOptions, unstable_readConfig } = await import("wrangler");
  const config = unstable_readConfig({ config: configPath });
  if (config.main === undefined) throw new Error(`${configPath} has no "main"`);
  const { workerOptions, externalWorkers } = unstable_getMiniflareWorkerOptions(config);
  if (externalWorkers.length > 0)
    throw new Error(`${configPath} needs other Workers, which are not run here`);
  const { code, files } = await bundled(config.main, config.define);
  const buckets: R2Binding[] = config.r2_buckets;
  const bucket = buckets.find(({ binding }) => binding === "LOGS");
  const parts: WorkerParts = {
    main: config.main,
    vars: config.vars,
    logsBucket: bucket?.bucket_name ?? null,
    // wrangler also puts the values of .dev.vars and .env into the options. They are replaced here by the vars of the
    // configuration.
    options: { ...workerOptions, name: config.name ?? "worker", bindings: {} },
    code,
  };
  return { value: parts, files: [...files, configPath, ...MAKERS] };
}

/** The code of a Worker without a configuration. */
export async function workerCode(main: string): Promise<string> {
  return keptOnDisk(`code-${hashOf(main)}`, async () => {
    const { code, files } = await bundled(main, {});
    return { value: code, files: [...files, ...MAKERS] };
  });
}

/** The settings are those of wrangler's bundle. */
async function bundled(
  main: string,
  define: Record<string, string>,
): Promise<{ code: string; files: string[] }> {
  const { build } = await import("esbuild");
  const dir = dirname(main);
  const { outputFiles, metafile } = await build({
    absWorkingDir: dir,
    entryPoints: [main],
    bundle: true,
    write: false,
    metafile: true,
    format: "esm",
    target: "es2024",
    conditions: ["workerd", "worker", "browser"],
    external: ["cloudflare:*", "node:*"],
    loader: { ".txt": "text", ".html": "text", ".sql": "text" },
    define,
    keepNames: true,
    logLevel: "silent",
  });
  return {
    code: outputFiles[0]!.text,
    files: Object.keys(metafile.inputs).map((path) => resolve(dir, path)),
  };
}

function hashOf(path: string): string {
  return createHash("sha256").update(path).digest("hex").slice(0, 16);
}

/** The name of the bucket that the Worker reads logs from.
 * @throws if its configuration binds no bucket as LOGS. */
export function logsBucketOf({ logsBucket }: WorkerParts, configPath: string): string {
  if (logsBucket === null) throw new Error(`${configPath} binds no R2 bucket as LOGS`);
  return logsBucket;
}
