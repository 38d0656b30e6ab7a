// `ledger` and `evidence`: download the records that prove which lines a run delivered.
import { createWriteStream, existsSync, readFileSync, readdirSync, rmSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import type { RunStatusAnswer } from "../../contract/api/api-types.ts";
import { EXIT, type Exit } from "../exit-codes.ts";
import { FailedFault, NotReachedFault, UsageFault } from "../faults.ts";
import { flag, type Group } from "../program/commands.ts";
import type { Session } from "../session.ts";
import { counted } from "../text/numbers.ts";
import { sentAgainText } from "../text/run-text.ts";
import { safe } from "../text/safe-text.ts";
import { unpackZip } from "../unpack-zip.ts";

/** How long to wait until an ended run has written its evidence. A run writes it at most once a minute. */
const WRITTEN_LIMIT_MS = 120_000;
const POLL_EVERY_MS = 1_000;
/** In these stages a run has evidence, or will have it soon. */
const ENDED = new Set(["sent_waiting_cleanup", "cleaned", "aborted"]);
const EVIDENCE_FILE = /^(chain\.json|part-.*\.ndjson)$/;
/** The last line of a ledger that was received to its end. */
const LEDGER_END = /\{"kind":"end","files":\d+,"batches":\d+\}\s*$/;

export function addEvidenceCommands(group: Group): void {
  group.add<{ output?: string }>({
    usage: "ledger <RUN>",
    summary: "export every file and every batch as NDJSON",
    options: [flag("-o, --output <FILE>", "write to this file")],
    examples: ["logpush-backfill ledger active -o ledger.ndjson"],
    routes: ["GET /runs/:id/ledger"],
    action: async (session, { output }, [run = ""]) => {
      const id = await session.run(run);
      const response = await session.api.fetch("GET", `/runs/${id}/ledger`);
      await writeLedger(session, response, output);
    },
  });

  group.add<{ output?: string; verify?: boolean; head?: string }>({
    usage: "evidence <RUN>",
    summary: "download the evidence of an ended run; with --verify, check it",
    options: [
      flag("-o, --output <DIR>", "unpack into this directory (default: RUN-evidence)"),
      flag("--verify", "check the evidence by the verifier of this command; exits with 7 when it differs"),
      flag("--head <HASH>", "the head that was noted earlier (default: as the API shows it)"),
    ],
    examples: [
      "logpush-backfill evidence 20260422T14 --verify",
      "logpush-backfill evidence 20260422T14 -o ./ticket-4711 --verify",
    ],
    routes: ["GET /runs/:id/evidence.zip", "GET /runs/:id"],
    action: async (session, { output, verify, head }, [run = ""]) => {
      if (head !== undefined && !/^[0-9a-f]{64}$/.test(head))
        throw new UsageFault("--head: expected 64 hex digits");
      const id = await session.run(run);
      const status = await writtenStatus(session, id);
      const { head: shownHead } = status.report;
      const dir = resolve(output ?? `${id}-evidence`);
      makeRoom(dir, id);
      const response = await session.api.fetch("GET", `/runs/${id}/evidence.zip`);
      const names = await unpackZip(response, dir);
      if (!names.includes("chain.json"))
        throw new FailedFault("the archive has no chain.json", null, EXIT.differs);
      session.notice(`${counted(names.length, "file")} in ${dir}`);
      const sentAgain = sentAgainText(status);
      if (sentAgain !== null) session.notice(sentAgain);
      if (verify !== true) {
        session.show({ run: id, dir, files: names, head: shownHead }, [dir]);
        session.notice(`next: logpush-backfill evidence ${id} --verify`);
        return EXIT.done;
      }
      return verified(session, { id, dir, head: head ?? shownHead, shownHead });
    },
  });
}

async function writeLedger(session: Session, response: Response, output: string | undefined): Promise<void> {
  const file = output === undefined ? null : createWriteStream(output);
  const failed = file && once(file, "error").then(([error]) => Promise.reject(error as Error));
  const decoder = new TextDecoder();
  let end = "";
  try {
    for await (const chunk of (response.body ?? []) as AsyncIterable<Uint8Array>) {
      end = (end + decoder.decode(chunk, { stream: true })).slice(-200);
      if (file === null) session.io.out(chunk);
      else if (!file.write(chunk)) await Promise.race([once(file, "drain"), failed]);
    }
    if (file) {
      file.end();
      await Promise.race([once(file, "close"), failed]);
    }
  } catch (error) {
    if (!(error instanceof TypeError)) throw asFileFault(error);
    throw new NotReachedFault("the ledger was cut off: the connection was lost", "repeat the command");
  }
  if (!LEDGER_END.test(end))
    throw new FailedFault("the ledger was cut off: its last line is missing", "repeat the command");
}

function asFileFault(error: unknown): unknown {
  const { code, message } = error as NodeJS.ErrnoException;
  return code === undefined ? error : new FailedFault(message);
}

/** Waits until an ended run has written its evidence. The API refuses the evidence of a run that has not ended. */
async function writtenStatus(session: Session, id: string): Promise<RunStatusAnswer> {
  const deadline = session.io.now() + WRITTEN_LIMIT_MS;
  for (let isFirst = true; ; isFirst = false) {
    const status = await session.api.getPatiently<RunStatusAnswer>(`/runs/${id}`);
    const { report, stage_code: stage } = status;
    if (report.complete || !ENDED.has(stage) || session.io.now() > deadline) return status;
    if (isFirst) session.notice("the evidence is being written; waiting");
    await session.io.wait(POLL_EVERY_MS, session.signal);
  }
}

/** Deletes the evidence of an earlier download of this run, because the new evidence may have other parts.
 * @throws FailedFault when the directory has the evidence of another run, or parts that nothing names. */
function makeRoom(dir: string, id: string): void {
  const found = existsSync(dir) ? readdirSync(dir).filter((name) => EVIDENCE_FILE.test(name)) : [];
  if (found.length === 0) return;
  const run = runOfEvidence(dir);
  if (run !== id) {
    throw new FailedFault(
      `${dir} has the evidence of ${run ?? "an unknown run"}, and nothing was written`,
      "choose another directory with -o",
    );
  }
  for (const name of found) rmSync(join(dir, name));
}

function runOfEvidence(dir: string): string | null {
  try {
    const chain = JSON.parse(readFileSync(join(dir, "chain.json"), "utf8")) as { run?: unknown } | null;
    return typeof chain?.run === "string" ? chain.run : null;
  } catch {
    return null;
  }
}

interface Evidence {
  id: string;
  dir: string;
  head: string | null;
  /** The head that the API shows. */
  shownHead: string | null;
}

/** Verifies the archive with the verifier inside this command, not with the one in the archive. The verifier shares
 * no code with the Worker. */
async function verified(session: Session, { id, dir, head, shownHead }: Evidence): Promise<Exit> {
  const place = await mkdtemp(join(tmpdir(), "logpush-backfill-"));
  try {
    const script = join(place, "verify-evidence.mjs");
    await writeFile(script, session.verifyScript);
    const { exit, text } = await outputOf([script, dir, ...(head === null ? [] : [head])]);
    const isVerified = exit === 0;
    session.show({ run: id, dir, head, verified: isVerified, output: text.split("\n") }, [
      text.split("\n").map(safe).join("\n"),
    ]);
    if (isVerified) return EXIT.done;
    session.notice(`the evidence in ${dir} differs from what a run writes`);
    if (head !== shownHead)
      session.notice(
        `the head that was given may belong to an earlier version of the evidence; now it is ${shownHead}`,
      );
    session.notice(
      "next: keep the archive, and find out who could write to the bucket; docs/runbook/evidence.md",
    );
    return EXIT.differs;
  } finally {
    await rm(place, { recursive: true, force: true });
  }
}

async function outputOf(args: string[]): Promise<{ exit: number | null; text: string }> {
  const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "pipe"] });
  const chunks: Uint8Array[] = [];
  for (const stream of [child.stdout, child.stderr])
    stream.on("data", (chunk: Uint8Array) => chunks.push(chunk));
  const [exit] = (await once(child, "close")) as [number | null];
  return { exit, text: Buffer.concat(chunks).toString("utf8").trim() };
}
