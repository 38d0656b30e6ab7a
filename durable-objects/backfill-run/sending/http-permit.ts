// Makes what a permit adds for a receiver of the kind `http`: the frozen settings, and the tokens of the batch.
// Does no I/O.
import { OLDEST_FORMAT } from "../../../src/contract/line-formats.ts";
import type { HttpPermit, HttpSending } from "../../../src/contract/receivers.ts";
import type { RunSpec } from "../../../src/contract/run.ts";
import { batchToken } from "../../../src/receivers/http-request.ts";
import type { BatchRow } from "../ledger/batch-row.ts";
import type { FileRow } from "../ledger/file-rows.ts";

/** A part of a split batch has a token of its own. Its lines keep the ids that they had in the whole batch. */
export function httpPermit(
  { parse }: Pick<RunSpec, "parse">,
  sending: HttpSending,
  { key, etag }: Pick<FileRow, "key" | "etag">,
  { ordinal, digest }: Pick<BatchRow, "ordinal" | "digest">,
): HttpPermit {
  const format = JSON.stringify(parse.record ?? [parse.format ?? OLDEST_FORMAT, parse.formatFields ?? {}]);
  const token = (of: string): string => batchToken({ format, key, etag, ordinal, digest: of });
  return { ...sending, batchToken: token(digest), memberToken: token(digest.split("[", 1)[0] ?? "") };
}
