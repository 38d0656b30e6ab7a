// A call that a sender repeats, and the renewal of a permit whose time is over. No lease is given that no sender uses, and no
// POST begins that the run would not permit now.
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { SendPermit } from "../../src/contract/sending.ts";
import { SEND_LEASE_MS } from "../../durable-objects/backfill-run/sending/claim.ts";
import { act } from "../support/operator-play.ts";
import { RunUnderTest } from "../support/run-under-test.ts";
import {
  GAVE_UP,
  OK,
  PACK_MISSING,
  answered,
  claim,
  opened,
  reportOf,
  reportOutcome,
  permitsIn,
} from "../support/run-work.ts";

const run = new RunUnderTest();
beforeEach(() => run.setUp());
afterEach(() => run.tearDown());
const LINES = 100;
const batches = (count: number): number[][] => [Array.from({ length: count }, () => LINES)];

describe("a call that is repeated after a lost answer", () => {
  /** Opens a run whose sender loses the answer to its first call. Returns the permits in this answer. */
  async function lostAnswer(): Promise<SendPermit[]> {
    await opened(run, batches(14));
    return permitsIn(await run.api.next("a.1", [], 4, 1));
  }

  it.each(["in memory", "after an eviction"])(
    "gets the same batches and attempts again, %s",
    async (where) => {
      const lost = await lostAnswer();
      if (where === "after an eviction") await run.evict();
      run.pass(2_000);
      const again = permitsIn(await run.api.next("a.1", [], 4, 1));
      const content = (permit: SendPermit): object => ({ ...permit, waitMs: 0, slackMs: 0, queueWaitMs: 0 });
      expect(again.map(content)).toEqual(lost.map(content));
      expect(Object.values(await run.leases())).toEqual(again.map(() => Date.now() + SEND_LEASE_MS));
      expect(await run.status()).toMatchObject({ in_flight: 4, uncertain_attempts: 0 });
      await run.expectBalanced();
    },
  );

  it("must renew each permit before the POST, because the time of the permit may be over", async () => {
    await lostAnswer();
    const [first] = permitsIn(await run.api.next("a.1", [], 4, 1));
    expect(first).toMatchObject({ waitMs: 0, slackMs: -1 });
    expect(await run.api.regrant(first!)).toMatchObject({ ok: true });
  });

  it("gets no new batch, and its next call does", async () => {
    const lost = await lostAnswer();
    await reportOutcome(run, lost[0]!, OK);
    const again = await run.api.next("a.1", [], 4, 1);
    expect(permitsIn(again).map(({ batch }) => batch)).toEqual([2, 3, 4]);
    expect(again).toMatchObject({ rest: { kind: "wait", waitMs: 0 } });
    expect(permitsIn(await run.api.next("a.1", [], 1, 2)).map(({ batch }) => batch)).toEqual([5]);
    await run.expectBalanced();
  });

  it("gives no lease when a later call has overtaken it", async () => {
    await lostAnswer();
    await run.api.next("a.1", [], 1, 2);
    expect(await run.api.next("a.1", [], 4, 1)).toEqual({ kind: "nothing", reason: "outdated_call" });
    expect(await run.status()).toMatchObject({ in_flight: 5 });
    await run.expectBalanced();
  });

  it("gives no lease when the first answer had no permit", async () => {
    await opened(run, batches(2));
    await run.api.next("a.1", [], 2, 1);
    expect(await run.api.next("a.1", [], 1, 2)).toMatchObject({ kind: "nothing" });
    expect(await run.api.next("a.1", [], 1, 2)).toMatchObject({ kind: "wait" });
    await run.expectBalanced();
  });

  it("forgets permits whose leases have ended, so nothing is sent twice", async () => {
    await lostAnswer();
    await run.wait(SEND_LEASE_MS + 1);
    expect(await run.api.next("a.1", [], 4, 1)).toMatchObject({ kind: "wait" });
    expect(await run.status()).toMatchObject({ in_flight: 0, uncertain_attempts: 4 });
    await run.expectBalanced();
  });

  it("gives no lease to any of several late calls after a call without permits", async () => {
    await opened(run, batches(8));
    const first = permitsIn(await run.api.next("a.1", [], 6, 1));
    await run.api.done(
      "a.1",
      first.map((permit) => reportOf(permit, OK)),
    );
    await act(run, { do: "pause", park: false });
    for (const call of [2, 3, 4]) await run.api.next("a.1", [], 1, call);
    await act(run, { do: "resume", acceptReceiver: false, answers: null });
    run.pass(2_000);
    for (const call of [2, 3])
      expect(await run.api.next("a.1", [], 1, call)).toEqual({ kind: "nothing", reason: "outdated_call" });
    expect(await run.status()).toMatchObject({ in_flight: 0 });
    await run.expectBalanced();
  });

  it("gives no lease to a late call that arrives after an eviction, and the next call gets one", async () => {
    await opened(run, batches(8));
    const first = permitsIn(await run.api.next("a.1", [], 6, 1));
    const reports = first.map((permit) => reportOf(permit, OK));
    await act(run, { do: "pause", park: false });
    await run.api.next("a.1", reports, 1, 2);
    await run.api.next("a.1", [], 1, 3);
    await act(run, { do: "resume", acceptReceiver: false, answers: null });
    await run.evict();
    run.pass(2_000);
    expect(await run.api.next("a.1", [], 1, 2)).toMatchObject({ kind: "wait" });
    expect(await run.status()).toMatchObject({ in_flight: 0 });
    expect(permitsIn(await run.api.next("a.1", [], 1, 4))).toHaveLength(1);
    await run.expectBalanced();
  });

  it("extends no lease after a forced abort", async () => {
    await lostAnswer();
    const before = await run.leases();
    run.pass(2_000);
    await run.api.abort({ force: true, actor: "li.wei", note: null });
    expect(await run.api.next("a.1", [], 4, 1)).toMatchObject({ kind: "wait" });
    expect(await run.leases()).toEqual(before);
    await run.expectBalanced();
  });

  it("belongs to one sender: another sender's call with the same number is new", async () => {
    await lostAnswer();
    expect(permitsIn(await run.api.next("b.1", [], 2, 1)).map(({ batch }) => batch)).toEqual([5, 6]);
    await run.expectBalanced();
  });
});

describe("the renewal of a permit", () => {
  it("is refused when the file is missing, so nothing more of the file is sent", async () => {
    await opened(run, batches(8));
    const [first, second] = permitsIn(await run.api.next("a.1", [], 2, 1));
    await reportOutcome(run, first!, PACK_MISSING);
    await run.settle();
    const { attempt } = await claim(run, 1);
    await run.api.fileFailed({ file: 1, attempt, state: "missing", reason: "not_found", detail: "", counts: null, seen: null }); // prettier-ignore
    expect(await run.api.regrant(second!)).toMatchObject({ ok: false, code: "not_running" });
    await run.expectBalanced();
  });

  it("is refused while the run probes the receiver with another batch", async () => {
    await opened(run, batches(12));
    const permits = permitsIn(await run.api.next("a.1", [], 6, 1));
    await run.api.done("b.1", [reportOf(permits[0]!, answered(401))]);
    expect(await run.api.regrant(permits[1]!)).toMatchObject({ ok: false, code: "not_running" });
    await run.api.done(
      "a.1",
      permits.slice(1).map((permit) => reportOf(permit, GAVE_UP)),
    );
    run.pass(120_000);
    const [probe] = permitsIn(await run.api.next("a.1", [], 6, 2));
    expect(await run.api.regrant(probe!)).toMatchObject({ ok: true });
    await run.expectBalanced();
  });
});
