// The checksum of the script that verifies an evidence. An auditor compares it before running the copy in an archive,
// because a person who changed the archive could also change the script in it.
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";

const PROJECT_DIR = resolve(import.meta.dirname, "../..");
export const VERIFIER = "src/ui/verify/verifier-checksum.ts";

function checksum(): string {
  const script = readFileSync(join(PROJECT_DIR, "src/evidence/verify-evidence.txt"));
  return createHash("sha256").update(script).digest("hex");
}

export function verifierModule(): string {
  return `// Written by \`npm run tables\`.

/** The SHA-256 of verify-evidence.mjs in each archive of evidence, as lower-case hex. */
export const VERIFIER_SHA256 = "${checksum()}";
`;
}

export function verifierChecksum(): string {
  return `\`${checksum()}\``;
}
