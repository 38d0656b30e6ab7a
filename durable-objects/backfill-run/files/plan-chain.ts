// Computes the hash chain that ends in a plan's hash. The first link is the SHA-256 of the specification's text.
// Each further link is SHA-256(previous link + SHA-256(text of the R2 object)), over the R2 objects in the order of
// their keys' bytes. The last link is the hash. Hashes are lower-case hex text. Does no I/O.
import { createHash } from "node:crypto";
import { planFileText, planSpecText } from "../../../src/contract/plan-text.ts";
import type { PlannedFile, RunSpec } from "../../../src/contract/run.ts";

export function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

export function firstLink(spec: Pick<RunSpec, "parse" | "folders" | "live">): string {
  return sha256(planSpecText(spec));
}

export function nextLink(link: string, file: Pick<PlannedFile, "sha256">): string {
  return sha256(link + file.sha256);
}

export function plannedFileOf(key: string, etag: string, digests: string[] | null): PlannedFile {
  const text = planFileText(key, etag, digests);
  return { key, etag, sha256: sha256(text), parsed: digests === null ? 0 : 1 };
}
