// Random claims, renewals, reports, failures, lost answers, expiries, evictions and aborts, compared with a simple model. After
// each step the ledger must equal the model, the sums must equal a recount, and no answer may be illegal.
import { runInDurableObject } from "cloudflare:test";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { BackfillRunApi } from "../../src/contract/run.ts";
import type { NextAnswer } from "../../src/contract/sending.ts";
import { TotalsRow } from "../../durable-objects/backfill-run/ledger/totals.ts";
import { SendingModel, TRUTHS, type Attempt, type Truth } from "../support/run-model.ts";
import { RunUnderTest } from "../support/run-under-test.ts";
import { opened, reportOf, sendAll } from "../support/run-work.ts";
import { play, seeded, stepsOf, type Pick, type Step } from "../support/walk.ts";

const run = new RunUnderTest();
beforeEach(() => run.setUp());
afterEach(() => run.tearDown());
const STEPS = 90;
/** Limits how often a failing walk is replayed to make it shorter. */
const PATIENCE_MS = 300_000;
const FILES = [[10, 20, 30, 40, 50, 60], [70, 80, 90, 100, 100], [5]];

const WEIGHTS = { claim: 36, report: 28, fail: 4, renew: 8, pass: 12, expire: 5, evict: 5, abort: 2 };

class Walk {
  readonly model = new SendingModel();
  readonly trace: string[] = [];
  #pick: Pick = () => 0;
  #calls = 0;

  async step(step: Step): Promise<void> {
    this.#pick = seeded(step.dice);
    await this.#steps[step.do]?.();
    await this.check();
  }

  readonly #steps: Record<string, () => Promise<void>> = {
    claim: () => this.claim(),
    report: () => this.report(),
    fail: () => this.fail(),
    renew: () => this.renew(),
    pass: () => this.pass(1 + this.#pick(9_000)),
    expire: () => this.pass(31_000),
    evict: () => this.evict(),
    abort: () => this.abort(),
  };

  async claim(): Promise<void> {
    const reports = this.#pick(3) === 0 ? this.#someAttempts(2) : [];
    const want = 1 + this.#pick(3);
    this.trace.push(`next ${reports.map((one) => `${one.batch}/${one.attempt} ${one.truth}`).join()}`);
    const call = (this.#calls += 1);
    const next = (number: number): Promise<NextAnswer> =>
      run.api.next(
        "m.0",
        reports.map((one) => reportOf(one, TRUTHS[one.truth])),
        want,
        number,
      );
    if (this.#pick(4) === 0) {
      this.trace.push("answer lost");
      await next(call);
      if (this.#pick(2) === 0) await this.evict();
    }
    const answer = await next(call);
    if (this.#pick(4) === 0) expect(await next(call - 1)).not.toHaveProperty("grants");
    for (const one of reports) this.model.reported(one);
    if (answer.kind !== "grants") return;
    expect(answer.grants.length).toBeLessThanOrEqual(want);
    for (const permit of answer.grants) {
      const truth = (Object.keys(TRUTHS) as Truth[])[this.#pick(4)] ?? "done";
      this.trace.push(`issued ${permit.batch}/${permit.attempt}`);
      expect(this.model.issued(permit, truth, Date.now())).toBeNull();
    }
  }

  async report(): Promise<void> {
    const [one] = this.#someAttempts(1);
    if (!one) return;
    this.trace.push(`reported ${one.batch}/${one.attempt} ${one.truth}`);
    await run.api.done("m.1", [reportOf(one, TRUTHS[one.truth])]);
    this.model.reported(one);
  }

  /** A call whose transaction fails at its end. The run must be unchanged afterwards. */
  async fail(): Promise<void> {
    const some = this.#someAttempts(2);
    const reports = some.map((one) => reportOf(one, TRUTHS[one.truth]));
    const call = this.#pick(3);
    this.trace.push(
      `failed ${["next", "done", "renew"][call]} ${some.map((one) => `${one.batch}/${one.attempt}`).join()}`,
    );
    vi.spyOn(TotalsRow.prototype, "flush").mockImplementationOnce(() => {
      throw new Error("injected: the transaction's end");
    });
    // inside the Durable Object, where the error can be caught before it leaves the Durable Object
    const said = await runInDurableObject(run.stub, (object) => {
      const api = object as unknown as BackfillRunApi;
      const calls = [
        () => api.next("m.2", reports, 2),
        () => api.done("m.2", reports),
        () => api.renew(some),
      ];
      return (calls[call]?.() ?? Promise.resolve()).then(() => "no error", String);
    });
    expect(said).toContain("injected");
  }

  async renew(): Promise<void> {
    const some = this.#someAttempts(3);
    const { refused } = await run.api.renew(some.map(({ batch, attempt }) => ({ batch, attempt })));
    for (const one of some) {
      const isRefused = refused.some((ref) => ref.batch === one.batch && ref.attempt === one.attempt);
      expect(isRefused).toBe(one.over);
      if (!isRefused) one.leaseEnd = Date.now() + 30_000;
    }
  }

  async pass(ms: number): Promise<void> {
    this.trace.push(`${ms} ms`);
    await run.wait(ms);
    this.model.expire(Date.now());
  }

  async evict(): Promise<void> {
    this.trace.push("evicted");
    await run.evict();
  }

  async abort(): Promise<void> {
    this.trace.push("abort");
    expect(await run.api.abort({ force: false, actor: "token" })).toMatchObject({ ok: true });
    this.model.aborted = true;
  }

  async check(): Promise<void> {
    await run.settle();
    this.model.expire(Date.now());
    await run.expectBalanced();
    const status = await run.status();
    expect([this.trace.slice(-12), status]).toMatchObject([this.trace.slice(-12), this.model.expected()]);
    expect(status.in_flight).toBeLessThanOrEqual(60);
    const done = await run.rows<{ batch: number }>("SELECT batch FROM batches WHERE state = 'done'");
    expect(new Set(done.map((row) => row.batch))).toEqual(this.model.done);
    if (status.stage_code === "aborted") expect(this.model.inFlight).toBe(0);
  }

  #someAttempts(most: number): Attempt[] {
    const { attempts } = this.model;
    if (attempts.length === 0) return [];
    const chosen = Array.from({ length: most }, () => attempts[this.#pick(attempts.length)]);
    return [...new Set(chosen.filter((one) => one !== undefined))];
  }
}

async function walkThrough(steps: Step[]): Promise<void> {
  run.fresh();
  await opened(run, FILES);
  const walk = new Walk();
  for (const step of steps) await walk.step(step);
  if (walk.model.aborted) {
    await run.wait(120_000);
    expect(await run.stage()).toBe("aborted");
    return;
  }
  // Delivers the remaining batches. Delivered batches must stay delivered.
  await run.wait(120_000);
  const left = (await run.status()).batches;
  if (left.held > 0) return;
  await sendAll(run);
  await run.wait(2_000);
  const status = await run.status();
  expect(status).toMatchObject({
    stage_code: "sent_waiting_cleanup",
    log_lines_sent: FILES.flat().reduce((sum, lines) => sum + lines, 0),
  });
  await run.expectBalanced();
}

describe("a random walk of claims and reports", () => {
  it.each(Array.from({ length: 14 }, (_, seed) => seed + 1))(
    "never leaves the model of the ledger (seed %i)",
    async (seed) => {
      const weights = { ...WEIGHTS, abort: seed % 3 === 0 ? WEIGHTS.abort : 0 };
      await play(seed, stepsOf(seed, STEPS, weights), walkThrough);
    },
    PATIENCE_MS,
  );
});
