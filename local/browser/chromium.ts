// The browser of the tests and the screenshots. It comes from npm as a compressed file, and is unpacked once.
import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readFile, rename, rm } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { promisify } from "node:util";
import { chromium, type Browser } from "playwright-core";

const PROJECT_DIR = resolve(import.meta.dirname, "../..");
const PACKAGE_DIR = join(PROJECT_DIR, "node_modules/@sparticuz/chromium");
/** The folder of the unpacked browser. `npm ci` deletes this folder, and so also the browser of an older package. */
const CACHE_DIR = join(PROJECT_DIR, "node_modules/.cache");
/** The package unpacks into os.tmpdir(), and takes a half-written file of another process for a whole one. */
const UNPACK =
  'const { default: chromium } = await import("@sparticuz/chromium"); await chromium.executablePath();';

/** The package's own flags are not used. With them, the browser ends when its first context is closed, and does not
 * apply the rules about origins. */
const FLAGS = ["--no-sandbox", "--no-zygote", "--disable-gpu", "--disable-dev-shm-usage"];

/** The path of the executable. Several processes may call this at the same time. */
export async function chromiumPath(): Promise<string> {
  const { version }: { version: string } = JSON.parse(
    await readFile(join(PACKAGE_DIR, "package.json"), "utf8"),
  );
  const home = join(CACHE_DIR, `chromium-${version}`);
  const executable = join(home, "chromium");
  if (existsSync(executable)) return executable;
  await mkdir(CACHE_DIR, { recursive: true });
  const unfinished = await mkdtemp(join(CACHE_DIR, "unpacking-"));
  await promisify(execFile)(process.execPath, ["--input-type=module", "--eval", UNPACK], {
    cwd: PROJECT_DIR,
    // With VERCEL the package also unpacks the system libraries that a small image lacks.
    env: { ...process.env, TMPDIR: unfinished, VERCEL: "1" },
  });
  try {
    await rename(unfinished, home);
  } catch (error) {
    // Another process has unpacked the browser meanwhile.
    await rm(unfinished, { recursive: true, force: true });
    if (!existsSync(executable)) throw error;
  }
  return executable;
}

export async function launchBrowser(executablePath: string): Promise<Browser> {
  const options = { executablePath, args: FLAGS, headless: true };
  try {
    return await chromium.launch(options);
  } catch (error) {
    if (!String(error).includes("error while loading shared libraries")) throw error;
    const libraries = join(dirname(executablePath), "al2023/lib");
    return chromium.launch({ ...options, env: { ...process.env, LD_LIBRARY_PATH: libraries } });
  }
}
