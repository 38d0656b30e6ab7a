// The rules of watching for holes: which parts of a hole may be replayed, what is new, and whether a size is proven.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { CELL_MS, type CellState } from "../../../src/contract/coverage.ts";
import { readConfig } from "../../../src/platform/config.ts";
import { defaultRun } from "../../../src/platform/default-run.ts";
import { readRunRequest } from "../../../src/http/runs/run-request.ts";
import { candidatesOf, meets, windowStart, without } from "../../../durable-objects/coverage/auto/decide.ts";
import { provingRun, type SizeJudgement } from "../../../durable-objects/coverage/auto/proof.ts";
import { queueRequest } from "../../../durable-objects/coverage/auto/queue-request.ts";
import type { SpanMs } from "../../../durable-objects/coverage/rules/cells.ts";

const START = Date.parse("2026-04-22T00:00:00Z");
const at = (cell: number): number => START + cell * CELL_MS;

/** Holes as Coverage finds them, with edges on the cells. */
function holesIn(states: string) {
  return [...states.matchAll(/[npw]+/g)].map(({ index, 0: run }) => {
    const [startMs, endMs] = [at(index), at(index + run.length)];
    return { startMs, endMs, outer: [startMs, endMs] as SpanMs };
  });
}

/** Spans in cells. `now` is an hour after the last cell, unless it is given in cells. */
function candidates(states: string, unsure: [number, number][] = [], now = states.length + 12): number[][] {
  const seen = {
    startMs: START,
    states: states.split("") as CellState[],
    holes: holesIn(states),
    unsure: unsure.map(([from, to]): SpanMs => [at(from), at(to)]),
  };
  const spans = candidatesOf(seen, at(now), 12 * CELL_MS);
  return spans.map(([from, to]) => [(from - START) / CELL_MS, (to - START) / CELL_MS]);
}

describe("a part of the last day", () => {
  it.each<[string, string, [number, number][], number | undefined, number[][]]>([
    ["is left alone when it was delivered", "dddd", [], undefined, []],
    ["is a candidate when nothing of it was delivered", "ddnnnd", [], undefined, [[2, 5]]],
    ["is a candidate when a part of it was delivered", "dpnpd", [], undefined, [[1, 4]]],
    ["is left alone without raw files", "deeted", [], undefined, []],
    ["is left alone before the oldest marker", "??nn", [], undefined, [[2, 4]]],
    ["is left alone until coverage looks at it", "..nn", [], undefined, [[2, 4]]],
    ["is left alone while it is too recent to judge", "nnss", [], undefined, [[0, 2]]],
    [
      "is left alone while a batch of the live worker waits",
      "nnwwnn",
      [],
      undefined,
      [
        [0, 2],
        [4, 6],
      ],
    ],
    [
      "is left alone where a file with a waiting batch reaches into it",
      "nppn",
      [[1, 2]],
      undefined,
      [
        [0, 1],
        [2, 4],
      ],
    ],
    ["is left alone where such a file touches two cells", "nnnn", [[0.5, 1.5]], undefined, [[2, 4]]],
    ["is left alone while it is young", "nnnn", [], 14, [[0, 2]]],
    ["is left alone while all of it is young", "nnnn", [], 12, []],
    ["is a candidate from the minute on in which it is old enough", "nnnn", [], 13, [[0, 1]]],
    [
      "is several candidates when it has several holes",
      "nndpp",
      [],
      undefined,
      [
        [0, 2],
        [3, 5],
      ],
    ],
  ])("%s", (_name, states, unsure, now, expected) => {
    expect(candidates(states, unsure, now)).toEqual(expected);
  });

  it("begins and ends with the files that are not wholly delivered, in whole seconds", () => {
    const outer: SpanMs = [at(1) + 61_500, at(3) - 200];
    const seen = { startMs: START, states: ["d", "p", "n", "d"] as CellState[], holes: [{ startMs: at(1), endMs: at(3), outer }], unsure: [] }; // prettier-ignore
    expect(candidatesOf(seen, at(99), 0)).toEqual([[at(1) + 61_000, at(3)]]);
  });
});

describe("what is new", () => {
  it.each<[string, [number, number][], [number, number][], number[][]]>([
    ["is all of an unknown hole", [[2, 5]], [], [[2, 5]]],
    ["is nothing of a known hole", [[2, 5]], [[2, 5]], []],
    ["is nothing of a part of a known hole", [[3, 4]], [[2, 5]], []],
    ["is the part by which a hole grew at its end", [[2, 7]], [[2, 5]], [[5, 7]]],
    ["is the part by which a hole grew at its start", [[1, 5]], [[2, 5]], [[1, 2]]],
    [
      "is both parts when it grew at both ends",
      [[1, 7]],
      [[2, 5]],
      [
        [1, 2],
        [5, 7],
      ],
    ],
    [
      "is what lies between two known holes that became one",
      [[1, 9]],
      [
        [1, 3],
        [6, 9],
      ],
      [[3, 6]],
    ],
    ["is a hole next to a known one", [[5, 7]], [[2, 5]], [[5, 7]]],
  ])("%s", (_name, spans, taken, expected) => {
    expect(without(spans, taken)).toEqual(expected);
  });

  it("together with the known parts is the whole, and meets none of them", () => {
    const span = fc.tuple(fc.nat(40), fc.integer({ min: 1, max: 15 })).map(([from, length]): SpanMs => [from, from + length]); // prettier-ignore
    fc.assert(
      fc.property(span, fc.array(span, { maxLength: 6 }), (whole, taken) => {
        const left = without([whole], taken);
        const isIn = (n: number, spans: readonly SpanMs[]) => spans.some((one) => meets(one, [n, n + 1]));
        for (let n = whole[0]; n < whole[1]; n += 1) expect(isIn(n, left)).toBe(!isIn(n, taken));
        for (const [from, to] of left) expect(from >= whole[0] && to <= whole[1] && from < to).toBe(true);
      }),
    );
  });
});

describe("the window of a part", () => {
  const SECOND = 1_000;
  it.each<[string, [number, number][], number]>([
    ["begins a minute before the part", [], -60],
    ["begins where another window ends within this minute", [[-999, -20]], -20],
    ["begins with the part behind a window that ends there", [[-999, 0]], 0],
    ["begins with the part when another window contains its first second", [[-5, 5]], 0],
    ["begins behind the last of several windows", [[-50, -40], [-30, -10]], -10], // prettier-ignore
    ["does not depend on a window that ends earlier", [[-999, -60]], -60],
    ["begins in whole seconds", [[-999, -20.5]], -20],
  ])("%s", (_name, taken, expected) => {
    const spans = taken.map(([from, to]): SpanMs => [START + from * SECOND, START + to * SECOND]);
    expect((windowStart([START, START + CELL_MS], spans) - START) / SECOND).toBe(expected);
  });
});

describe("a size of the live worker's batches", () => {
  const by = (run: string, doubt: string | null, more: Partial<SizeJudgement> = {}): SizeJudgement => ({
    run,
    batchSize: 1_000,
    files: 5,
    doubt,
    ...more,
  });
  it.each<[string, SizeJudgement[], string | null]>([
    ["is not proven without runs", [], null],
    ["is proven by a run without doubt", [by("a", null)], "a"],
    ["is not proven by a run with another size", [by("a", null, { batchSize: 2_000 })], null],
    ["is not proven by a run without markers", [by("a", null, { files: 0 })], null],
    ["is not proven by a run with too few files", [by("a", "too_few_files")], null],
    ["stays proven when a later run has too few files", [by("b", "too_few_files"), by("a", null)], "a"],
    ["stays proven when other sizes fit a later run too", [by("b", "several_sizes_fit"), by("a", null)], "a"],
    ["is no longer proven when a later run contradicts it", [by("b", "contradicted"), by("a", null)], null],
    ["is no longer proven when a later run saw it change", [by("b", "size_changed"), by("a", null)], null],
    ["is proven again by a run after that", [by("c", null), by("b", "contradicted")], "c"],
  ])("%s", (_name, judgements, expected) => {
    expect(provingRun(judgements, 1_000)).toBe(expected);
  });
});

describe("the request to the queue", () => {
  const config = readConfig({ LIVE_BATCH_SIZE: "2000", AUTO_REPLAY_MAX_LINES_PER_SECOND: "700" });

  it("asks for the run that POST /runs makes of the same options", () => {
    const body = {
      start: "2026-04-22T00:00:00Z",
      end: "2026-04-22T01:00:00Z",
      end_exclusive: true,
      note: "the live worker did not deliver 2026-04-22T00:00:00Z to 2026-04-22T01:00:00Z",
      live: "skip_delivered",
      max_lines_per_second: 700,
    };
    const asked = readRunRequest(body, config, "system:auto-replay", START + 9e9);
    const { wanted, ...request } = queueRequest(config, [START, START + 3_600_000], START, 2_000);
    expect({ ok: true, wanted }).toEqual(asked);
    expect(request).toMatchObject({ skipSent: true, coalesceMs: 0, source: null });
  });

  it("has a window that begins before the part, and a reason and a key of the part alone", () => {
    const part: SpanMs = [START, START + 3_600_000];
    const { reason, windows, wanted } = queueRequest(config, part, START - 60_000, 2_000);
    expect(reason).toContain("2026-04-22T00:00:00Z to 2026-04-22T01:00:00Z");
    expect(windows).toMatchObject([{ startMs: START - 60_000, endMs: START + 3_600_000 }]);
    expect(wanted.parse).toMatchObject({ startMs: START - 60_000, endMs: START + 3_600_000 });
  });

  it("has the defaults of POST /runs for every other option", () => {
    const plain = readConfig({});
    const asked = { startMs: START, endMs: START + 1_000, actor: "token", note: null };
    const cap = plain.maxLinesPerSecond;
    const body = { start: "2026-04-22T00:00:00Z", end: "2026-04-22T00:00:01Z", end_exclusive: true };
    const read = readRunRequest(body, plain, "token", START + 9e9);
    expect({ ok: true, wanted: defaultRun(plain, { ...asked, maxLinesPerSecond: cap }) }).toEqual(read);
  });
});
