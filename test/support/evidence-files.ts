// Makes the files of an evidence from rows, and runs both verifiers over them. The script runs in this process, over
// files in memory, because a test verifies many hundreds of archives.
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { compileFunction } from "node:vm";
import { strToU8, zipSync } from "fflate";
import { verifyArchive, type Verdict } from "../../src/ui/verify/verify-archive.ts";

export type Files = Record<string, string | Uint8Array>;
export type Parts = [name: string, text: string][];

const SCRIPT = readFileSync("src/evidence/verify-evidence.txt", "utf8");

export const sha256 = (text: string) => createHash("sha256").update(text).digest("hex");
export const ndjson = (...rows: unknown[]) => rows.map((row) => `${JSON.stringify(row)}\n`).join("");

export function chainOf(parts: Parts, over: object = { run: "run-1", generation: 4 }) {
  let link = "";
  const linked = parts.map(([name, text]) => {
    link = sha256(link + sha256(text));
    return { name, bytes: Buffer.byteLength(text), sha256: sha256(text), chain: link };
  });
  return { ...over, algorithm: "sha256", head: link, parts: linked };
}

/** The files of an archive, with its script. */
export function filesOf(parts: Parts, chain: unknown = chainOf(parts)): Files {
  return {
    "chain.json": JSON.stringify(chain, null, 1),
    "verify-evidence.mjs": SCRIPT,
    ...Object.fromEntries(parts),
  };
}

/** `level` 0 stores the files, which is faster. */
export function archiveOf(files: Files, level: 0 | 1 = 1): Uint8Array<ArrayBuffer> {
  const entries = Object.entries(files).map(([name, data]) => [name, bytesOf(data)] as const);
  return new Uint8Array(zipSync(Object.fromEntries(entries), { level }));
}

export function pageVerdict(data: Uint8Array<ArrayBuffer>, head: string | null): Promise<Verdict> {
  return verifyArchive(new Blob([data]), head, () => {});
}

class Exit extends Error {
  readonly code: number;
  constructor(code: number) {
    super();
    this.code = code;
  }
}

/** The script as a function, with its imports as an argument. */
const script = compileFunction(
  SCRIPT.replaceAll(/^import (\{.*\}) from "(.*)";$/gm, 'const $1 = modules["$2"];'),
  ["process", "console", "modules", "TextDecoder"],
);

/** Runs the script over these files. Throws what the script throws. */
export function scriptVerdict(files: Files, head: string | null): { isVerified: boolean; said: string } {
  const said: string[] = [];
  const process = {
    argv: ["node", "verify-evidence.mjs", ".", ...(head === null ? [] : [head])],
    exit(code: number) {
      throw new Exit(code);
    },
  };
  const fs = {
    readdirSync: () => Object.keys(files),
    readFileSync(path: string) {
      const data = files[path];
      if (data === undefined) throw new Error(`ENOENT: ${path}`);
      return bytesOf(data);
    },
  };
  const modules = { "node:crypto": { createHash }, "node:fs": fs, "node:path": { join } };
  try {
    script(process, { log: (line: string) => said.push(line) }, modules, TextDecoder);
  } catch (error) {
    if (error instanceof Exit) return { isVerified: error.code === 0, said: said.join("\n") };
    throw error;
  }
  throw new Error("the script did not exit");
}

function bytesOf(data: string | Uint8Array): Uint8Array {
  return typeof data === "string" ? strToU8(data) : data;
}
