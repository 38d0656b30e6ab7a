// Checks that an evidence chain.json is the file that the run wrote. The run's ledger contains the chain's head and the
// number of parts. The head fixes every hash. A replaced file is refused by name. Does no I/O.
import { createHash } from "node:crypto";
import type { ArchivePart, EvidenceView } from "../../contract/report.ts";

/** What the ledger records about its newest evidence, when the evidence is complete. */
export type WrittenReport = EvidenceView & { prefix: string };

export type ChainAnswer = { ok: true; parts: ArchivePart[] } | { ok: false; detail: string };

/** The sections of the evidence, in the order in which a run writes them. */
const SECTIONS = ["files", "batches", "events", "summary"];

/** A part takes about 250 bytes of the chain. A run never writes a longer chain file. */
export function maxChainBytes({ parts }: Pick<WrittenReport, "parts">): number {
  return 4_096 + parts * 512;
}

export function checkChain(text: string, run: string, report: WrittenReport): ChainAnswer {
  const chain = recordOf(text);
  if (chain === null) return no("chain.json is not the JSON that the run wrote");
  for (const [name, is, should] of [
    ["run", chain["run"], run],
    ["generation", "generation" in chain ? chain["generation"] : null, report.generation],
    ["algorithm", chain["algorithm"], "sha256"],
    ["head", chain["head"], report.head],
  ] as const) {
    if (is !== should) return no(`chain.json: "${name}" differs from the ledger`);
  }
  const { generation: _generation, ...members } = chain;
  if (membersOf(members) !== "algorithm,head,parts,run")
    return no("chain.json has other members than the run wrote");
  const parts = chain["parts"];
  if (!Array.isArray(parts) || parts.length !== report.parts) {
    return no(`chain.json: the ledger has ${report.parts} parts`);
  }
  return checkParts(parts, report.head);
}

function checkParts(listed: unknown[], head: string | null): ChainAnswer {
  const parts: ArchivePart[] = [];
  let link = "";
  let section = 0;
  for (const [index, value] of listed.entries()) {
    const where = `chain.json, part ${index + 1}`;
    const part = partOf(value);
    if (part === null)
      return no(
        `${where}: name, bytes, sha256 or chain is missing or of another type, or there are more members`,
      );
    const prefix = `part-${String(index + 1).padStart(5, "0")}-`;
    const at = SECTIONS.findIndex((name) => part.name === `${prefix}${name}.ndjson`);
    if (at < section) return no(`${where}: its name is not one that a run writes`);
    section = at;
    link = createHash("sha256")
      .update(link + part.sha256)
      .digest("hex");
    if (link !== part.chain) return no(`${where}: its link does not follow from the one before`);
    parts.push(part);
  }
  return link === (head ?? "") ? { ok: true, parts } : no("chain.json: its links lead to another head");
}

/** Why a part in the bucket differs from the chain. Null: the part does not differ. */
export function partFault(part: ArchivePart, found: { bytes: number; sha256: string } | null): string | null {
  if (found === null) return `${part.name} is missing`;
  if (found.bytes !== part.bytes)
    return `${part.name} has ${found.bytes} bytes, the chain says ${part.bytes}`;
  return found.sha256 === part.sha256 ? null : `${part.name} differs from what the run wrote`;
}

function partOf(value: unknown): ArchivePart | null {
  if (typeof value !== "object" || value === null) return null;
  if (membersOf(value) !== "bytes,chain,name,sha256") return null;
  const { name, bytes, sha256, chain } = value as Partial<Record<keyof ArchivePart, unknown>>;
  if (typeof name !== "string" || !isCount(bytes)) return null;
  if (typeof sha256 !== "string" || !/^[0-9a-f]{64}$/.test(sha256) || typeof chain !== "string") return null;
  return { name, bytes, sha256, chain };
}

function membersOf(value: object): string {
  return Object.keys(value).toSorted().join();
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

/** Null: the text is no JSON object, or another program could read it in another way, because it repeats a member or
 * writes a number or a text in another form. */
function recordOf(text: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== "object" || value === null) return null;
    const isPlain = text.replace(/[ \n\r\t]/g, "") === JSON.stringify(value);
    return isPlain ? (value as Record<string, unknown>) : null;
  } catch {
    return null;
  }
}

function no(detail: string): ChainAnswer {
  return { ok: false, detail };
}
