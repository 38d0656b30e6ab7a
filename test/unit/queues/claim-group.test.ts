// Tests how the sender loops of one invocation share their calls to the run.
import { setTimeout as wait } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { NextAnswer, PostOutcome, SendPermit, SendReport } from "../../../src/contract/sending.ts";
import { ClaimGroup } from "../../../src/queues/claim-group.ts";

type Call = { reports: number[]; want: number | "done" };
const OK: PostOutcome = { kind: "answer", status: 200, bodyStart: "", bodyMatches: null, retryAfterMs: null };

const permit = (batch: number): SendPermit => ({ batch, attempt: 1 }) as SendPermit;
const report = (batch: number, outcome: PostOutcome = OK): SendReport =>
  ({ batch, attempt: 1, outcome }) as SendReport;
const waits: number[] = [];
let calls: Call[] = [];
let numbers: number[] = [];
let answers: (() => Promise<NextAnswer>)[] = [];
let loops = 6;

beforeEach(() => {
  waits.length = 0;
  calls = [];
  numbers = [];
  answers = [];
  loops = 6;
  // The clock stands, because each elapsed millisecond shortens a wait.
  vi.spyOn(Date, "now").mockReturnValue(Date.now());
  vi.stubGlobal("scheduler", { wait: async (ms: number) => void waits.push(ms) });
});
afterEach(() => {
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});

function groupOf(): ClaimGroup {
  return new ClaimGroup(
    {
      next: async (reports, want, call) => {
        numbers.push(call);
        calls.push({ reports: reports.map(({ batch }) => batch), want });
        const answer = answers.shift();
        if (!answer) throw new Error("more calls than the test expects");
        return answer();
      },
      done: async (reports) => void calls.push({ reports: reports.map(({ batch }) => batch), want: "done" }),
    },
    () => loops,
  );
}

function grants(
  batches: number[],
  rest?: "wait" | "nothing",
  groupWaitMs?: number,
): () => Promise<NextAnswer> {
  const why = rest === "wait" ? { kind: "wait", waitMs: 250, reason: "pace" } as const : { kind: "nothing", reason: "canary" } as const; // prettier-ignore
  return async () => ({
    kind: "grants",
    grants: batches.map(permit),
    ...(rest && { rest: why }),
    ...(groupWaitMs && { groupWaitMs }),
  });
}

describe("loops that begin together", () => {
  it("claim in one call, without a wait, and each gets its own permit", async () => {
    const group = groupOf();
    answers = [grants([1, 2, 3, 4, 5, 6])];
    const claimed = await Promise.all(Array.from({ length: 6 }, () => group.claim([])));
    expect(calls).toEqual([{ reports: [], want: 6 }]);
    expect(waits).toEqual([]);
    expect(claimed.map((one) => one.kind === "permit" && one.permit.batch)).toEqual([1, 2, 3, 4, 5, 6]);
  });
});

describe("a loop that is alone", () => {
  it("does not wait for others", async () => {
    loops = 1;
    const group = groupOf();
    answers = [grants([1]), grants([2])];
    await group.claim([]);
    await group.claim([report(1)]);
    expect(calls).toEqual([
      { reports: [], want: 1 },
      { reports: [1], want: 1 },
    ]);
    expect(waits).toEqual([]);
  });
});

describe("a loop among others", () => {
  it("waits at most 5 ms, and takes along what arrived meanwhile", async () => {
    const group = groupOf();
    answers = [grants([7, 8])];
    let second: Promise<unknown> = Promise.resolve();
    vi.stubGlobal("scheduler", {
      wait: async (ms: number) => {
        waits.push(ms);
        second = group.claim([report(2)]);
      },
    });
    await group.claim([report(1)]);
    await second;
    expect(calls).toEqual([{ reports: [1, 2], want: 2 }]);
    expect(waits).toEqual([5]);
  });

  it("joins the next call when a call is under way", async () => {
    const group = groupOf();
    let answer: (value: NextAnswer) => void = () => {};
    answers = [() => new Promise((resolve) => (answer = resolve)), grants([3, 4])];
    const first = group.claim([]);
    await wait(1);
    const others = [group.claim([report(1)]), group.claim([report(2)])];
    await wait(1);
    expect(calls).toHaveLength(1);
    answer({ kind: "grants", grants: [permit(9)] });
    await first;
    expect((await Promise.all(others)).map(({ kind }) => kind)).toEqual(["permit", "permit"]);
    expect(calls[1]).toEqual({ reports: [1, 2], want: 2 });
  });
});

describe("a call that may wait without delaying a POST", () => {
  /** Lets two of six loops report. Returns how long their call waited. */
  async function waitOf(answer: () => Promise<NextAnswer>, outcome: PostOutcome = OK): Promise<number[]> {
    const group = groupOf();
    answers = [answer, grants([7, 8])];
    await Promise.all(Array.from({ length: 6 }, () => group.claim([])));
    await Promise.all([group.claim([report(1, outcome)]), group.claim([report(2)])]);
    return waits;
  }

  it("waits for the other loops as long as the run allows, but at most 100 ms", async () => {
    expect(await waitOf(grants([1, 2, 3, 4, 5, 6], undefined, 40))).toEqual([40]);
    waits.length = 0;
    expect(await waitOf(grants([1, 2, 3, 4, 5, 6], undefined, 4_000))).toEqual([100]);
  });

  it("waits 100 ms when the run has nothing to send", async () => {
    expect(await waitOf(async () => ({ kind: "nothing", reason: "nothing_waits" }))).toEqual([100]);
  });

  it("waits only 5 ms with the report of a failure", async () => {
    const answer503: PostOutcome = { ...OK, status: 503 };
    expect(await waitOf(grants([1, 2, 3, 4, 5, 6], undefined, 40), answer503)).toEqual([5]);
    waits.length = 0;
    expect(await waitOf(grants([1, 2, 3, 4, 5, 6], undefined, 40), { kind: "timeout", detail: "" })).toEqual([
      5,
    ]);
  });

  it("is made at once when the last loop joins", async () => {
    const group = groupOf();
    answers = [grants([1, 2, 3, 4, 5, 6], undefined, 40), grants([])];
    await Promise.all(Array.from({ length: 6 }, () => group.claim([])));
    vi.stubGlobal("scheduler", { wait: () => new Promise(() => {}) });
    const joined = [1, 2, 3, 4, 5].map((batch) => group.claim([report(batch)]));
    await wait(1);
    expect(calls).toHaveLength(1);
    await Promise.all([...joined, group.claim([report(6)])]);
    expect(calls[1]).toEqual({ reports: [1, 2, 3, 4, 5, 6], want: 6 });
  });
});

describe("fewer permits than loops", () => {
  it.each(["wait", "nothing"] as const)("give the others the answer %s of the run", async (rest) => {
    const group = groupOf();
    answers = [grants([1, 2], rest)];
    const kinds = (await Promise.all([1, 2, 3].map(() => group.claim([])))).map(({ kind }) => kind);
    expect(kinds).toEqual(["permit", "permit", rest]);
  });

  it("let the others claim again when a run of earlier code gives no reason", async () => {
    const group = groupOf();
    answers = [grants([1])];
    const [, other] = await Promise.all([group.claim([]), group.claim([])]);
    expect(other).toMatchObject({ kind: "wait", waitMs: 0 });
  });
});

describe("loops that end", () => {
  it("report together with the claims of others", async () => {
    const group = groupOf();
    answers = [grants([5])];
    const [, claimed] = await Promise.all([group.report([report(1)]), group.claim([report(2)])]);
    expect(calls).toEqual([{ reports: [1, 2], want: 1 }]);
    expect(claimed).toMatchObject({ kind: "permit", permit: { batch: 5 } });
  });

  it("report without a claim when no other loop claims", async () => {
    const group = groupOf();
    await Promise.all([group.report([report(1)]), group.report([])]);
    expect(calls).toEqual([{ reports: [1], want: "done" }]);
  });
});

describe("a call that fails", () => {
  it("is repeated with the same reports and the same number", async () => {
    const group = groupOf();
    answers = [async () => Promise.reject(new Error("object reset")), grants([2])];
    loops = 1;
    expect(await group.claim([report(1)])).toMatchObject({ permit: { batch: 2 } });
    expect(calls.map(({ reports }) => reports)).toEqual([[1], [1]]);
    expect(numbers).toEqual([1, 1]);
    answers = [grants([3])];
    await group.claim([report(2)]);
    expect(numbers).toEqual([1, 1, 2]);
  });
});
