// Verifies an archive of evidence in the browser: the hash chain, the lines of each file, and the summary against the
// rows. Makes the same checks as src/evidence/verify-evidence.txt, and a test compares the two. Shares no code with
// the Worker that wrote the archive.
import { EvidenceSums, isCount, isRecord, show, type Row, type Section } from "./evidence-sums.ts";
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
/** The script has a place in the archive, but is no evidence. */
const SCRIPT = "verify-evidence.mjs";

interface Chain {
  run: string;
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
  const expect = (what: string, is: unknown, should: unknown) => {
    if (is !== should) faults.push(`${what}: ${show(is)}, expected ${show(should)}`);
  };
  const chain = await attempt(faults, "chain.json", () => readChain(byName.get("chain.json"), expect));
  if (chain === null) return verdict(null);
  const names = new Set<unknown>(["chain.json", SCRIPT]);
  let [link, lastSection] = ["", 0];
  for (const [index, given] of chain.parts.entries()) {
    const part: Row = isRecord(given) ? given : {};
    const prefix = `part-${String(index + 1).padStart(5, "0")}-`;
    const place = SECTIONS.findIndex((known) => part["name"] === `${prefix}${known}.ndjson`);
    const section = SECTIONS[place];
    if (section === undefined || place < lastSection) {
      faults.push(`part ${index + 1} of the chain: ${show(part["name"])} is not a name that a run writes`);
      continue;
    }
    lastSection = place;
    const name = `${prefix}${section}.ndjson`;
    names.add(name);
    expect(`${name} members`, membersOf(part), "bytes,chain,name,sha256");
    const bytes = await attempt(faults, name, () => readEntry(byName.get(name)));
    if (bytes !== null) {
      const hash = await sha256(bytes);
      expect(`${name} bytes`, bytes.length, part["bytes"]);
      expect(`${name} sha256`, hash, part["sha256"]);
      link = await sha256(Uint8Array.from(new TextEncoder().encode(link + hash)));
      expect(`${name} chain`, link, part["chain"]);
      await attempt(faults, name, async () => addRows(sums, section, bytes));
    }
    onProgress({ parts: index + 1, of: chain.parts.length });
  }
  const head = typeof chain.head === "string" ? chain.head : null;
  expect("head of the chain", link, chain.head);
  if (knownHead !== null) expect("head of the chain, against the one of the run", chain.head, knownHead);
  // Each name that is taken is deleted, so an entry that is there twice is named too.
  for (const { name } of entries)
    if (!names.delete(name)) faults.push(`${show(name)}: the chain does not name it`);
  if (names.has(SCRIPT)) faults.push(`${SCRIPT}: not in the archive`);
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

async function readChain(
  entry: ZipEntry | undefined,
  expect: (what: string, is: unknown, should: unknown) => void,
): Promise<Chain> {
  const text = textOf(await readEntry(entry));
  const chain: unknown = JSON.parse(text);
  if (!isRecord(chain) || !Array.isArray(chain["parts"])) throw new Error("it names no parts");
  // A repeated member or another way to write a number could be read in another way by another program.
  if (text.replace(/[ \n\r\t]/g, "") !== JSON.stringify(chain) || typeof chain["run"] !== "string")
    throw new Error("it is not written as a run writes it");
  const { generation, ...members } = chain;
  expect("members of chain.json", membersOf(members), "algorithm,head,parts,run");
  if ("generation" in chain) expect("generation of chain.json is a number", isCount(generation), true);
  expect("algorithm of chain.json", chain["algorithm"], "sha256");
  return { ...chain, run: chain["run"], parts: chain["parts"] };
}

function membersOf(value: Row): string {
  return Object.keys(value).toSorted().join();
}

function addRows(sums: EvidenceSums, section: Section, bytes: Uint8Array): void {
  const lines = textOf(bytes).split("\n").filter(Boolean);
  for (const line of lines) sums.add(section, JSON.parse(line));
}

/** Throws at bytes that are no UTF-8. Keeps a byte order mark, so JSON.parse refuses it. */
function textOf(bytes: Uint8Array): string {
  return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
}

async function sha256(data: Uint8Array<ArrayBuffer>): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", data));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
