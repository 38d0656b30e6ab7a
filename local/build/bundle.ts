// Turns the sources of the page and of the command line into the files of dist/. Reads the disk and writes nothing.
// Equal sources give equal files, byte for byte.
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { build, type BuildOptions, type Metafile, type OutputFile } from "esbuild";
import { PAGE_HEADERS } from "../../src/http/page/page-headers.ts";
import { RECORD } from "./build-record.ts";

/** A file below dist/. */
export interface BuiltFile {
  /** The path relative to dist/, with "/". */
  path: string;
  contents: Uint8Array | string;
  isExecutable?: boolean;
}

/** The name in a package, in `npx` and in the address /ui/logpush-backfill.mjs. */
const COMMAND_FILE = "ui/logpush-backfill.mjs";
/** Source maps for a stack trace of a person's browser. `.assetsignore` keeps them out of a deployment. */
const MAPS = "maps";
const ASSETS = "ui/assets";
/** The name of an asset changes with its content, and the name of its folder changes with every asset. */
const KEEP_FOR_EVER = "public, max-age=31536000, immutable";

const SHARED = {
  bundle: true,
  minify: true,
  write: false,
  metafile: true,
  format: "esm",
  charset: "utf8",
  legalComments: "none",
  logLevel: "silent",
} satisfies BuildOptions;

/** @throws esbuild's error, which names file, line and fault, when a source cannot be built. */
export async function bundle(projectDir: string): Promise<BuiltFile[]> {
  const [page, command] = await Promise.all([bundlePage(projectDir), bundleCommand(projectDir)]);
  return [
    ...page,
    ...command,
    { path: "_headers", contents: headersFile(page) },
    { path: ".assetsignore", contents: `${MAPS}\n${RECORD}\n` },
  ];
}

async function bundlePage(projectDir: string): Promise<BuiltFile[]> {
  const { metafile, outputFiles } = await build({
    ...SHARED,
    absWorkingDir: projectDir,
    entryPoints: ["src/ui/main.tsx", "src/ui/style.css"],
    outdir: `dist/${ASSETS}`,
    entryNames: "[name]-[hash]",
    chunkNames: "[name]-[hash]",
    // A dynamic import becomes a file of its own, which loads when it is needed.
    splitting: true,
    sourcemap: "external",
    target: ["es2022"],
    jsx: "automatic",
    jsxImportSource: "preact",
    define: { "process.env.NODE_ENV": '"production"' },
  });
  const source = await readFile(join(projectDir, "src/ui/index.html"), "utf8");
  const folder = folderOf(outputFiles);
  return [
    { path: "ui/index.html", contents: documentOf(source, metafile, folder) },
    ...outputFiles.map((file) => ({ path: placeOf(file, folder), contents: file.contents })),
  ];
}

/** The folder of all assets of a build. The names of the assets contain the hashes of their contents, so two builds have
 * the same folder only if they have the same assets. */
function folderOf(outputs: readonly OutputFile[]): string {
  const names = outputs.map(({ path }) => basename(path)).toSorted();
  const hash = createHash("sha256").update(names.join("\n")).digest("hex");
  return `${ASSETS}/${hash.slice(0, 8)}`;
}

function placeOf({ path }: OutputFile, folder: string): string {
  return path.endsWith(".map") ? `${MAPS}/${basename(path)}` : `${folder}/${basename(path)}`;
}

/** Puts the built names into the document, and lists the chunks that the entry needs at once. */
function documentOf(source: string, { outputs }: Metafile, folder: string): string {
  const entry = (name: string) => {
    const found = Object.entries(outputs).find(([, { entryPoint }]) => entryPoint === `src/ui/${name}`);
    if (!found) throw new Error(`the build has no output for src/ui/${name}`);
    return { address: `/${folder}/${basename(found[0])}`, imports: found[1].imports };
  };
  const script = entry("main.tsx");
  const early = script.imports
    .filter(({ kind }) => kind === "import-statement")
    .map(({ path }) => `<link rel="modulepreload" href="/${folder}/${basename(path)}" />`);
  const named = replaceOnce(source, 'href="./style.css"', `href="${entry("style.css").address}"`);
  const tag = '<script type="module" src="./main.tsx"></script>';
  return replaceOnce(named, tag, [...early, tag.replace("./main.tsx", script.address)].join("\n    "));
}

function replaceOnce(text: string, from: string, to: string): string {
  if (text.split(from).length !== 2) throw new Error(`src/ui/index.html must contain ${from} once`);
  return text.replace(from, to);
}

async function bundleCommand(projectDir: string): Promise<BuiltFile[]> {
  const { outputFiles } = await build({
    ...SHARED,
    absWorkingDir: projectDir,
    entryPoints: ["src/cli/main.ts"],
    outfile: `dist/${COMMAND_FILE}`,
    platform: "node",
    target: ["node20"],
    banner: { js: "#!/usr/bin/env node" },
  });
  return outputFiles.map(({ contents }) => ({ path: COMMAND_FILE, contents, isExecutable: true }));
}

/** Browsers may keep everything below the folder of this build. Cloudflare reads at most 100 rules, so a rule for each file
 * is not possible. The rule also applies to the 404 of a missing file, and browsers keep this 404 for a year. The 404 does
 * no harm, because no other version has files below this folder. */
function headersFile(files: readonly BuiltFile[]): string {
  const always = Object.entries(PAGE_HEADERS).map(([name, value]) => `  ${name}: ${value}`);
  const folders = new Set(
    files.map(({ path }) => dirname(path)).filter((dir) => dir.startsWith(`${ASSETS}/`)),
  );
  const kept = [...folders].flatMap((dir) => [
    `/${dir}/*`,
    "  ! Cache-Control",
    `  Cache-Control: ${KEEP_FOR_EVER}`,
  ]);
  return ["/*", ...always, ...kept, ""].join("\n");
}
