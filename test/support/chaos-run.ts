// Drives a chaos run: starts the run, plays the scenario's steps, mends the receiver, settles the run, and collects
// the evidence. Owns the order and the counters. chaos-steps.ts has the steps, chaos-stack.ts the processes,
// chaos-oracle.ts the judgement.
import { setTimeout as wait } from "node:timers/promises";
import type { Status } from "./chaos-api.ts";
import { checkEvidenceZip } from "./chaos-evidence.ts";
import type { Account, CapPeriod, Evidence, QuietPeriod } from "./chaos-oracle.ts";
import { ChaosFinding, insist, untilDelivered, waitForStatus } from "./chaos-operator.ts";
import { WINDOW, type ChaosStack } from "./chaos-stack.ts";
import type { Scenario, Step } from "./chaos-scenario.ts";

const VERIFY_LIMIT_MS = 60_000;
/** How long a run may take to ask for attention. A batch that the receiver never takes is held after eight attempts
 * that count against it, which takes up to two minutes. */
const ATTENTION_LIMIT_MS = 240_000;
/** The share of the cap that counts as the full rate, over a second plus PACE_JITTER_MS. */
const FULL_RATE = 0.75;
const FULL_RATE_WITHIN_MS = 15_000;
const CLEANUP_LIMIT_MS = 120_000;
/** How soon a Retry-After must be obeyed. After this time no request may arrive until the Retry-After ends. */
const RETRY_AFTER_BINDS_MS = 1_000;
const RETRY_AFTER_MS = 3_000;

const isClean = ({ stage_code: stage }: Status) => stage === "cleaned";
const isStuck = ({ stage_code: stage, delivery_completed: delivered, state_reason: reason }: Status) =>
  delivered || stage === "needs_attention" || reason?.code === "unusual_answers";

/** The length of a send lease. */
const LEASE_MS = 30_000;

/** The steps are passed in, so that chaos-run.ts and chaos-steps.ts do not import each other. */
export interface Steps {
  takeStep(run: ChaosRun, step: Step): Promise<void>;
  kill(run: ChaosRun, how: { downMs: number; isTopOnly: boolean }): Promise<void>;
}

export class ChaosRun {
  readonly faults: Record<string, number> = {};
  readonly accounts: Account[] = [];
  readonly findings: string[] = [];
  readonly quiet: QuietPeriod[] = [];
  /** Violations of the partner's rules that the scenario causes, by code. */
  readonly forgiven: Record<string, number> = {};
  readonly stack: ChaosStack;
  readonly insist = insist;
  readonly #scenario: Scenario;
  readonly #steps: Steps;
  readonly #caps: CapPeriod[] = [];
  readonly #fullRate: CapPeriod[] = [];
  #maxInFlight: number;
  #isContinuation = false;
  #sentBefore = 0;
  #hasResentUnasked = false;
  id = "";
  settleMs = 0;

  constructor(stack: ChaosStack, scenario: Scenario, steps: Steps) {
    this.stack = stack;
    this.#steps = steps;
    this.#scenario = scenario;
    this.#maxInFlight = Number(scenario.request["max_in_flight"]);
    if (scenario.cap !== null) this.#caps.push({ from: 0, to: Infinity, lines: scenario.cap });
  }

  /**
   * Whether a freeze lasts longer than a lease. After such a freeze the run issues permits at once, while the old
   * sender only begins to abort its POSTs. So each batch may have two open POSTs for a moment.
   */
  #outlivesLeases(): boolean {
    return this.#scenario.steps.some((step) => step.do === "freeze" && step.forMs >= LEASE_MS);
  }

  get path(): string {
    return `/runs/${this.id}`;
  }

  async play(): Promise<void> {
    const { initial, steps, killAtStartMs, request, operator, isPatient } = this.#scenario;
    if (initial) {
      this.count(initial.name);
      this.stack.misbehave(initial);
    }
    await this.#start({ ...WINDOW, ...request }, killAtStartMs);
    for (const step of steps) {
      await wait(step.waitMs);
      const status = await this.status();
      if (status.delivery_completed) break;
      // A canary run is resumed, because all lines must be delivered.
      if (status.stage_code === "paused") await this.stack.api.call("POST", `${this.path}/resume`, {});
      await this.#steps.takeStep(this, step);
    }
    if (isPatient) await this.#untilOnlyTheHatedOneIsLeft();
    await this.stack.mend();
    const mendedAt = Date.now();
    const { settledByHand } = await untilDelivered(this.stack, this.id, operator, 0);
    this.settleMs = Date.now() - mendedAt;
    if (this.#scenario.isBackAtFullRate) {
      const lines = (this.#scenario.cap ?? 0) * FULL_RATE;
      this.#fullRate.push({ from: mendedAt, to: mendedAt + FULL_RATE_WITHIN_MS, lines });
    }
    if (this.#scenario.isCleanedUp) await this.#untilCleaned();
    await this.#refusesTheWindowAgain();
    await this.account(settledByHand);
    for (const { status: ended } of this.accounts) await this.#checkEvidence(ended.id);
    if (this.#scenario.isCleanedUp) {
      // Every start compares the bucket's raw logs with those on disk. The start prints which R2 objects it had to
      // put again.
      await this.stack.stopWorker();
      await this.stack.startWorker();
    }
  }

  evidence(): Evidence {
    const { receiver, files } = this.stack;
    const { operator, request, transportMs } = this.#scenario;
    const stats = receiver.stats();
    const requestsCap = request["max_requests_per_second"];
    return {
      files,
      rayIds: receiver.tally.rayIds,
      requests: receiver.tally.requests,
      violations: Object.fromEntries(
        Object.entries(stats.violations)
          .map(([code, count]) => [code, count - (this.forgiven[code] ?? 0)] as const)
          .filter(([, count]) => count > 0),
      ),
      accounts: this.accounts,
      caps: this.#caps,
      requestsCap: typeof requestsCap === "number" ? requestsCap : null,
      transportMs,
      maxInFlight: this.#maxInFlight * (this.#outlivesLeases() ? 2 : 1),
      mostInFlight: stats.most_open_requests,
      isHeldAndAsked:
        request["on_uncertain"] === "hold" &&
        operator === "ask_partner" &&
        !this.#hasResentUnasked &&
        !this.stack.hasResentInPart,
      hasLied: "200_other_body" in this.faults,
      quiet: [...this.quiet, ...this.#retryAfterPeriods()],
      fullRate: this.#fullRate,
      late: this.stack.late,
    };
  }

  /** Starts the run with an Idempotency-Key, so that a kill during the request creates only one run. */
  async #start(body: object, killAfterMs: number | null): Promise<void> {
    const headers = { "Idempotency-Key": `chaos-${Date.now()}` };
    const ask = () => this.stack.api.call<Status>("POST", "/runs", body, headers);
    if (killAfterMs !== null) {
      this.count("kill_at_start");
      const asked = ask().catch(() => null);
      await wait(killAfterMs);
      await this.#steps.kill(this, { downMs: 0, isTopOnly: false });
      await asked;
    }
    this.id = ((await insist(ask, [201], null)).body as Status).id;
  }

  /** Continues an aborted run. Batches that the aborted run left uncertain are held, unless the scenario decides
   * otherwise. */
  async continueWith(onUncertain: "resend" | null, killAfterMs: number | null): Promise<void> {
    const { batch_size: _, canary: __, on_uncertain: policyBefore, ...request } = this.#scenario.request;
    const policy = policyBefore === "hold" ? "hold" : onUncertain;
    if (policy !== "hold") this.#hasResentUnasked = true;
    this.#isContinuation = true;
    this.#sentBefore = 0;
    this.patched({ max_lines_per_second: this.#scenario.cap ?? Infinity }, Date.now());
    const continued = { continue_of: this.id, ...request };
    await this.#start(policy === null ? continued : { ...continued, on_uncertain: policy }, killAfterMs);
  }

  /** Reads the status. Checks that the number of sent lines never decreases, and never exceeds what the receiver
   * has. */
  async status(): Promise<Status> {
    const status = await this.stack.api.status(this.id);
    const { rayIds } = this.stack.receiver.tally;
    if (status.log_lines_sent < this.#sentBefore) {
      this.findings.push(`log_lines_sent fell from ${this.#sentBefore} to ${status.log_lines_sent}`);
    }
    if (status.log_lines_sent > rayIds.size && !("200_other_body" in this.faults)) {
      this.findings.push(`${status.log_lines_sent} lines sent, the receiver has ${rayIds.size}`);
    }
    this.#sentBefore = status.log_lines_sent;
    return status;
  }

  /** Records that another limit applies from `at` on. The earlier limit applies until then. */
  patched(body: Record<string, number>, at: number): void {
    this.#maxInFlight = Math.max(this.#maxInFlight, body["max_in_flight"] ?? 0);
    const { max_lines_per_second: lines } = body;
    const current = this.#caps.at(-1);
    if (lines === undefined || !current) return;
    current.to = Math.min(current.to, Date.now());
    // Between these two times the larger limit may still apply.
    const larger = Math.max(current.lines, lines);
    this.#caps.push({ from: current.to, to: at, lines: larger }, { from: at, to: Infinity, lines });
  }

  count(name: string): void {
    this.faults[name] = (this.faults[name] ?? 0) + 1;
  }

  expect(answer: { status: number; body: unknown }, expected: number[]): void {
    if (expected.includes(answer.status)) return;
    throw new ChaosFinding(`${answer.status} instead of ${expected.join()}: ${JSON.stringify(answer.body)}`);
  }

  /** Recounts the run now and keeps its status. */
  async account(settledByHand: number): Promise<void> {
    const { api } = this.stack;
    const before = (await api.status(this.id)).verification.last?.as_of;
    this.expect(await api.call("POST", `${this.path}/verify`, {}), [202]);
    const isNew = ({ verification: { last, under_way: busy } }: Status) =>
      !busy && last !== null && last.as_of !== before;
    const status = await waitForStatus(this.stack, this.id, isNew, VERIFY_LIMIT_MS, "verify");
    const ledger = await api.ledger(this.id);
    this.accounts.push({ status, ledger, isContinuation: this.#isContinuation, settledByHand });
  }

  /** Waits until the receiver has taken every batch but one. The run must then report the batch that the receiver
   * does not take. */
  async #untilOnlyTheHatedOneIsLeft(): Promise<void> {
    const status = await this.status();
    if (status.delivery_completed) return;
    this.count("until_attention");
    if (status.stage_code === "paused") await this.stack.api.call("POST", `${this.path}/resume`, {});
    const stuck = await waitForStatus(this.stack, this.id, isStuck, ATTENTION_LIMIT_MS, "needs_attention");
    const named = stuck.problems.filter(({ kind, batch }) => kind === "batch" && batch !== null);
    if (stuck.stage_code === "needs_attention" && named.length === 0) {
      this.findings.push(`needs_attention names no batch: ${JSON.stringify(stuck.problems)}`);
    }
  }

  /** Checks the evidence of a run. The evidence of an aborted run is kept too. */
  async #checkEvidence(id: string): Promise<void> {
    await waitForStatus(this.stack, id, ({ report }) => report.complete, VERIFY_LIMIT_MS, "the report");
    this.findings.push(...(await checkEvidenceZip(this.stack.api, id, this.stack.dir)));
  }

  async #untilCleaned(): Promise<void> {
    this.count("cleanup");
    if (this.#scenario.seed % 2 === 0) await this.#steps.kill(this, { downMs: 0, isTopOnly: false });
    await waitForStatus(this.stack, this.id, isClean, CLEANUP_LIMIT_MS, "cleaned");
  }

  /** Checks that a second run over the same window is refused without `replay`. Such a run could only send lines
   * again. */
  async #refusesTheWindowAgain(): Promise<void> {
    const again = await this.stack.api.call("POST", "/runs", { ...WINDOW });
    if (again.status !== 409) {
      throw new ChaosFinding(
        `POST /runs of a delivered window: ${again.status} ${JSON.stringify(again.body)}`,
      );
    }
  }

  /** The periods in which a Retry-After forbids requests. A restart may lose an answer that was not reported yet.
   * So periods around a restart are left out. */
  #retryAfterPeriods(): QuietPeriod[] {
    return this.stack.receiver.tally.requests
      .filter(({ status }) => status === 429)
      .map(({ headers_at: begun, answered_at: at }) => ({ begun, at: at ?? begun }))
      .filter(({ begun, at }) =>
        this.stack.disturbedAt.every((restart) => restart < begun || restart > at + RETRY_AFTER_MS),
      )
      .map(({ at }) => ({
        from: at + RETRY_AFTER_BINDS_MS,
        to: at + RETRY_AFTER_MS,
        why: "arrived within a Retry-After",
      }));
  }
}
