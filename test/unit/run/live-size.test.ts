import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  judgeSize,
  noEvidence,
  sizesFor,
  withFile,
  type LiveDoubt,
  type LiveFile,
} from "../../../durable-objects/backfill-run/context/live-size.ts";
import { rangesOf } from "../../../src/contract/live.ts";

const upTo = (count: number): number[] => Array.from({ length: count }, (_, index) => index);

/** A file that the live worker divided into batches of `size` records. The live worker delivered the batches for
 * which `isDone` is true. */
function file(records: number, size: number, isDone: (index: number) => boolean = () => true): LiveFile {
  const done = upTo(Math.ceil(records / size)).filter(isDone);
  return { records, maxIndex: done.at(-1) ?? 0, done: rangesOf(done) };
}

function judge(files: LiveFile[], size = 1_000) {
  return judgeSize(
    files.reduce((sum, one) => withFile(sum, size, one, 1), noEvidence(size)),
    size,
  );
}

const whole = (records: number[], size = 1_000): LiveFile[] => records.map((count) => file(count, size));
const head = (records: number, batches: number, size = 1_000): LiveFile =>
  file(records, size, (index) => index < batches);

const CASES: [what: string, files: LiveFile[], doubt: LiveDoubt | null][] = [
  ["no file", [], "too_few_files"],
  ["two whole files", whole([95_500, 99_700]), "too_few_files"],
  ["three whole files", whole([95_500, 99_700, 98_200]), null],
  ["three whole files and a part of another", [...whole([95_500, 99_700, 98_200]), head(97_300, 30)], null],
  ["parts only", [head(95_500, 10), head(99_700, 20), head(98_200, 70)], "too_few_files"],
  ["batches of half the size", whole([95_500, 99_700, 98_200], 500), "contradicted"],
  ["batches of double the size", whole([95_500, 99_700, 98_200], 2_000), "too_few_files"],
  [
    "whole files of two sizes",
    [...whole([95_500, 99_700, 98_200]), ...whole([95_600, 99_800, 98_100], 2_000)],
    "size_changed",
  ],
  ["files of one batch", whole([300, 700, 950]), null],
  ["files of two batches that other sizes fit, all whole", whole([1_500, 1_600, 1_700]), null],
  ["files of two batches that other sizes fit, and a part", [...whole([1_500, 1_600, 1_700]), head(3_500, 1)], "several_sizes_fit"],
  [
    "whole files, and many that were cut off anywhere",
    [...whole([95_500, 99_700, 98_200]), ...upTo(40).map((n) => head(97_300 - 311 * n, 3 + 2 * n))],
    null,
  ],
  ["a marker of a file without records", [...whole([95_500, 99_700, 98_200]), head(0, 0)], "contradicted"],
]; // prettier-ignore

describe("the size of the live worker's batches", () => {
  it.each(CASES)("is judged from %s", (_what, files, doubt) => {
    expect(judge(files).doubt).toBe(doubt);
  });

  it("names the sizes that fit when the configured size does not", () => {
    expect(judge(whole([95_500, 99_700, 98_200], 500)).fitting).toEqual([500]);
    expect(judge(whole([95_500, 99_700, 98_200], 2_000)).fitting).toEqual([2_000]);
  });

  it("knows sizes that are no multiple of a hundred when they are configured", () => {
    expect(judge(whole([95_500, 99_700, 98_250], 750), 750).doubt).toBeNull();
    expect(sizesFor(750)).toHaveLength(51);
  });

  const anyFile = fc
    .record({
      records: fc.integer({ min: 0, max: 12_000 }),
      size: fc.constantFrom(500, 1_000, 1_000, 1_000, 1_100, 2_000),
      share: fc.constantFrom(0, 0.3, 1, 1),
      cut: fc.nat(20),
      seed: fc.nat(),
    })
    .map(({ records, size, share, cut, seed }): LiveFile => {
      if (share === 0) return head(records, cut, size);
      return file(records, size, (index) => share === 1 || (seed >> (index % 30)) % 3 === 0);
    })
    .filter(({ done }) => done.length > 0);
  const anyFiles = fc.array(anyFile, { maxLength: 12 });

  it("agrees with a judgement that looks at all files at once", () => {
    fc.assert(
      fc.property(anyFiles, (files) => {
        expect(judge(files).doubt).toBe(bruteForce(files, 1_000));
      }),
      { numRuns: 2_000 },
    );
  });

  it("forgets a file that is taken out", () => {
    fc.assert(
      fc.property(anyFiles, anyFile, (files, more) => {
        const sum = files.reduce((all, one) => withFile(all, 1_000, one, 1), noEvidence(1_000));
        expect(withFile(withFile(sum, 1_000, more, 1), 1_000, more, -1)).toEqual(sum);
      }),
    );
  });
});

const expected = (one: LiveFile, by: number): number => Math.ceil(one.records / by);
const isExact = (one: LiveFile, by: number): boolean => one.maxIndex + 1 === expected(one, by);
const skipped = (one: LiveFile, by: number): string =>
  upTo(one.records)
    .filter((index) => one.done.some(([a, b]) => a * by <= index && index < (b + 1) * by))
    .join();

/** The rule as decision 0028 states it, over records and files instead of sums. */
function bruteForce(files: LiveFile[], size: number): LiveDoubt | null {
  if (files.some((one) => one.maxIndex >= expected(one, size))) return "contradicted";
  const isQuiet = files.every((one) => expected(one, size) === 1);
  const proving = files.filter((one) => isExact(one, size) && (isQuiet || expected(one, size) > 1));
  if (proving.length < 3) return "too_few_files";
  const rivals = sizesFor(size).filter((by) => proving.every((one) => isExact(one, by)));
  if (rivals.some((by) => files.some((one) => skipped(one, by) !== skipped(one, size))))
    return "several_sizes_fit";
  const cutOff = files.filter(
    ({ done, maxIndex, ...one }) =>
      !isExact({ done, maxIndex, ...one }, size) && done.length === 1 && done[0]?.[0] === 0 && done[0][1] === maxIndex,
  ); // prettier-ignore
  const fits = sizesFor(size).map((by) => cutOff.filter((one) => isExact(one, by)).length);
  return fits.some((count) => count >= 3 && count * 2 >= cutOff.length) ? "size_changed" : null;
}
