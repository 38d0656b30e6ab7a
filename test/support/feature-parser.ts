// The parsers of a feature walk. They report without reading an object. A file always gives the same batches.
import type { RunSpec } from "../../src/contract/run.ts";
import type { RunUnderTest } from "./run-under-test.ts";
import { countsOf, entriesOf, manifestOf } from "./run-work.ts";

export interface Setting {
  files: readonly (readonly number[])[];
  /** The number of the file that fails too many checks. 0: no file does. */
  suspiciousFile: number;
  unusualIsTaken: boolean;
  over: Partial<RunSpec>;
}

export type ParserEnd = "good" | "failed" | "missing" | "changed" | "gave_up" | "crash";

export async function parseFile(
  run: RunUnderTest,
  setting: Setting,
  file: number,
  end: ParserEnd,
): Promise<void> {
  const claim = await run.api.claimFile(file);
  if (!claim.ok || end === "crash") return;
  const { attempt } = claim;
  if (end !== "good") {
    const seen = end === "changed" ? { etag: "another", size: 1 } : null;
    const failure = {
      file,
      attempt,
      state: end,
      reason: "storage",
      detail: "by the walk",
      counts: null,
      seen,
    };
    await run.api.fileFailed(failure);
    return;
  }
  const entries = entriesOf(setting.files[file - 1] ?? [], `f${file}-`);
  const kept = entries.reduce((sum, { lines }) => sum + lines, 0);
  const isBad = file === setting.suspiciousFile;
  const counts = countsOf(kept, isBad ? { malformed: 90, linesRead: kept + 92 } : {});
  await run.api.queued(manifestOf(file, attempt, entries, { counts }));
}
