// Verifies an archive of evidence in the browser: the hash chain, the lines of each file, and the summary against the
// rows. Makes the same checks as src/evidence/verify-evidence.txt, and a test compares the two. Shares no code with
// the Worker that wrote the archive.
import { EvidenceSums } from "./evidence-sums.ts";
import { readZip, type ZipEntry } from "./read-zip.ts";

export interface Progress {
  parts: number;
  of: number;
}

export interface Verdict {
  isVerified: boolean;
  /** What differs, in English, in the order in which it was found. */
  faults: string[];
  /** The head of the hash chain. Null: the chain cannot be read. */
  head: string | null;
  counts: { files: number; batches: number; events: number; lines: number };
}

/** How many faults are listed at most, because one wrong byte can cause thousands. */
const MOST_FAULTS = 50;
const SECTIONS = ["files", "batches", "events", "summary"] as const;
type Section = (typeof SECTIONS)[number];

interface Chain {
  run?: unknown;
  generation?: unknown;
  head?: unknown;
  parts: unknown[];
}

/** `knownHead` is the head from the run's status, or a head that an operator wrote down earlier. Null: then nothing
 * proves who wrote the chain. */
export async function verifyArchive(
  archive: Blob,
  knownHead: string | null,
  onProgress: (progress: Progress) => void,
): Promise<Verdict> {
  const faults: string[] = [];
  const sums = new EvidenceSums();
  const verdict = (head: string | null): Verdict => ({
    isVerified: faults.length === 0,
    faults: faults.slice(0, MOST_FAULTS),
    head,
    counts: sums.counts(),
  });
  const entries = await attempt(faults, "the archive", () => readZip(archive));
  if (entries === null) return verdict(null);
  const byName = new Map(entries.map((entry) => [entry.name, entry]));
  const chain = await attempt(faults, "chain.json", () => readChain(byName.get("chain.json")));
  if (chain === null) return verdict(null);
  const expect = (what: string, is: unknown, should: unknown) => {
    if (is !== should) faults.push(`${what}: ${String(is)}, expected ${String(should)}`);
  };
  const names = new Set<unknown>();
  let [link, lastSection] = ["", 0];
  for (const [index, given] of chain.parts.entries()) {
    const part = (typeof given === "object" && given !== null ? given : {}) as Record<string, unknown>;
    const [name = "", number, section] = /^part-(\d{5,})-([a-z]+)\.ndjson$/.exec(String(part["name"])) ?? [];
    const place = SECTIONS.findIndex((known) => known === section);
    if (Number(number) !== index + 1 || place < lastSection) {
      faults.push(
        `part ${index + 1} of the chain: ${JSON.stringify(part["name"])} is not a name that a run writes`,
      );
      continue;
    }
    lastSection = place;
    names.add(name);
    const bytes = await attempt(faults, name, () => readEntry(byName.get(name)));
    if (bytes !== null) {
      const hash = await sha256(bytes);
      expect(`${name} bytes`, bytes.length, part["bytes"]);
      expect(`${name} sha256`, hash, part["sha256"]);
      link = await sha256(Uint8Array.from(new TextEncoder().encode(link + hash)));
      expect(`${name} chain`, link, part["chain"]);
      await attempt(faults, name, async () => addRows(sums, section as Section, bytes));
    }
    onProgress({ parts: index + 1, of: chain.parts.length });
  }
  const head = typeof chain.head === "string" ? chain.head : null;
  expect("head of the chain", link, chain.head);
  if (knownHead !== null) expect("head of the chain, against the one of the run", chain.head, knownHead);
  for (const { name } of entries)
    if (/^part-.*\.ndjson$/.test(name) && !names.has(name))
      faults.push(`${name}: the chain does not name it`);
  // The rows are counted only if the chain is intact.
  if (faults.length === 0) faults.push(...sums.faults(chain.run, chain.generation));
  return verdict(head);
}

async function attempt<T>(faults: string[], what: string, read: () => Promise<T>): Promise<T | null> {
  try {
    return await read();
  } catch (error) {
    faults.push(`${what}: ${error instanceof Error ? error.message : String(error)}`);
    return null;
  }
}

async function readEntry(entry: ZipEntry | undefined): Promise<Uint8Array<ArrayBuffer>> {
  if (!entry) throw new Error("not in the archive");
  return entry.read();
}

async function readChain(entry: ZipEntry | undefined): Promise<Chain> {
  const chain: unknown = JSON.parse(new TextDecoder().decode(await readEntry(entry)));
  if (typeof chain !== "object" || chain === null || !("parts" in chain) || !Array.isArray(chain.parts))
    throw new Error("it names no parts");
  return chain as Chain;
}

function addRows(sums: EvidenceSums, section: Section, bytes: Uint8Array): void {
  for (const line of new TextDecoder().decode(bytes).split("\n"))
    if (line !== "") sums.add(section, JSON.parse(line) as Record<string, unknown>);
}

async function sha256(data: Uint8Array<ArrayBuffer>): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", data));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
