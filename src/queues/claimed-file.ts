// What a parser says to the run about the file that it has claimed: it renews the lease, reports the upload of the
// pack, and reports how the parse ended.
import type { FileCounts } from "../contract/file-counts.ts";
import { RENEW_EVERY_MS } from "../contract/leases.ts";
import type { LiveManifest } from "../contract/live.ts";
import type { FileClaim, FileFailure, ManifestEntry, ManifestPage } from "../contract/parsing.ts";
import type { BackfillRunApi } from "../contract/run.ts";
import type { R2Operations } from "../contract/work.ts";
import type { ParseOutcome } from "../pipeline/types.ts";
import { REPORT_FOR_MS, persistCall } from "./persist-call.ts";
import { runCall } from "./run-call.ts";

/** How many batches one page of a manifest has: about 600 KB of RPC. */
const PAGE_BATCHES = 2_000;

type Run = Pick<BackfillRunApi, "renewFile" | "uploadStarted" | "queued" | "fileFailed">;
type Failure = Omit<FileFailure, "file" | "attempt" | "operations">;

/** The whole object was parsed, and its pack is written. */
interface ParsedFile {
  entries: readonly ManifestEntry[];
  etag: string;
  outcome: Extract<ParseOutcome, { kind: "ok" }>;
  live: LiveManifest | null;
}

/** Another parser has the lease of this file now, or the run no longer wants it. */
export class Superseded extends Error {}

export class ClaimedFile {
  readonly claim: FileClaim;
  /** The R2 operations of this parse. The last report has their numbers. */
  readonly operations: R2Operations = { classA: 0, classB: 0 };
  readonly #run: Run;
  readonly #file: number;
  /** Why the parser has lost the lease. Null: it has the lease. */
  #lost: string | null = null;

  constructor(run: Run, file: number, claim: FileClaim) {
    this.#run = run;
    this.#file = file;
    this.claim = claim;
  }

  /** Renews the lease until the returned function is called. */
  keepLease(notRenewed: (error: unknown) => void): () => void {
    const timer = setInterval(() => {
      this.#run.renewFile(this.#file, this.claim.attempt).then(
        (answer) => {
          if (!answer.ok) this.#lost = answer.detail;
        },
        notRenewed, // the next renewal may succeed; the run refuses it when the lease has expired
      );
    }, RENEW_EVERY_MS);
    return () => clearInterval(timer);
  }

  /** @throws Superseded when a renewal was refused. */
  assertLease(): void {
    if (this.#lost !== null) throw new Superseded(this.#lost);
  }

  /** @throws Superseded when the run refuses the upload. */
  async uploadStarted(uploadId: string): Promise<void> {
    const { attempt } = this.claim;
    const answer = await runCall("uploadStarted", () =>
      this.#run.uploadStarted(this.#file, attempt, uploadId),
    );
    if (!answer.ok) throw new Superseded(answer.detail);
  }

  /** Reports a file that gives no batches. Returns what happened to the file, for the log. */
  async fail(failure: Failure): Promise<object> {
    await runCall("fileFailed", () => persistCall(() => this.#report(failure), REPORT_FOR_MS));
    const { state, reason, detail, counts } = failure;
    return { state, reason, detail, counts: counts && withoutSamples(counts) };
  }

  /** Gives the file back, so that the run enqueues it again. Does not repeat the call, because the lease of a parser
   * that reports nothing expires. */
  async giveBack(reason: "run_failed" | "parser_error" | "io", detail: string): Promise<void> {
    await this.#report({ state: "gave_up", reason, detail, counts: null, seen: null });
  }

  /** Reports the batches of a file, page by page. The answer to the last page, or the first refusal. */
  async handOver({ entries, etag, outcome, live }: ParsedFile) {
    const pages = Math.max(1, Math.ceil(entries.length / PAGE_BATCHES));
    for (let page = 0; ; page += 1) {
      const manifest: ManifestPage = {
        file: this.#file,
        attempt: this.claim.attempt,
        page,
        pages,
        batches: entries.length,
        entries: entries.slice(page * PAGE_BATCHES, (page + 1) * PAGE_BATCHES),
        etag,
        counts: outcome.counts,
        salvaged: outcome.salvaged,
        ...(live && { live }),
        ...(page === pages - 1 && { operations: this.operations }),
      };
      const answer = await runCall("queued", () =>
        persistCall(() => this.#run.queued(manifest), REPORT_FOR_MS),
      );
      if (!answer.ok || page === pages - 1) return answer;
    }
  }

  #report(failure: Failure) {
    const { attempt } = this.claim;
    return this.#run.fileFailed({ file: this.#file, attempt, operations: this.operations, ...failure });
  }
}

/** The counts for the log. Samples contain bytes of visitors' records, so only the status shows them. */
export function withoutSamples({ samples: _samples, ...counts }: FileCounts): Omit<FileCounts, "samples"> {
  return counts;
}
