// Verifies evidence.zip as an auditor does: downloads and unzips it, then runs the script inside. Uses no code of the
// product.
import { execFile } from "node:child_process";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { unzipSync } from "fflate";

const SCRIPT = "verify-evidence.mjs";
const run = promisify(execFile);

export interface Downloads {
  fetch(method: string, path: string): Promise<Response>;
}

/** The files of the evidence, below `dir`. */
export async function unzipEvidence(
  api: Downloads,
  runId: string,
  dir: string,
): Promise<Record<string, Uint8Array>> {
  const response = await api.fetch("GET", `/runs/${runId}/evidence.zip`);
  const bytes = new Uint8Array(await response.arrayBuffer());
  if (response.status !== 200) {
    throw new Error(`evidence.zip: ${response.status} ${new TextDecoder().decode(bytes)}`);
  }
  const entries = unzipSync(bytes);
  await mkdir(dir, { recursive: true });
  for (const [name, content] of Object.entries(entries)) await writeFile(join(dir, name), content);
  return entries;
}

/** Runs the evidence's own script on the files below `dir`, and returns its output. */
export async function runVerifier(dir: string): Promise<{ verified: boolean; said: string }> {
  try {
    const { stdout } = await run(process.execPath, [SCRIPT, "."], { cwd: dir });
    return { verified: true, said: stdout };
  } catch (error) {
    const { stdout, stderr } = error as { stdout?: string; stderr?: string };
    return { verified: false, said: `${stdout ?? ""}${stderr ?? ""}${String(error)}` };
  }
}

/** Returns findings. There are none when the evidence verifies. */
export async function checkEvidenceZip(api: Downloads, runId: string, dir: string): Promise<string[]> {
  const at = join(dir, `evidence-${runId}`);
  await unzipEvidence(api, runId, at);
  const { verified, said } = await runVerifier(at);
  return verified ? [] : [`evidence.zip does not verify: ${said}`];
}
