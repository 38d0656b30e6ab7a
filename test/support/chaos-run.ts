// A chaos run's driver: starts the run, walks the scenario's steps, mends, settles, and gathers the evidence.
// Owns the order of things and what is counted; processes are chaos-stack.ts's, judgements chaos-oracle.ts's.
import { setTimeout as wait } from "node:timers/promises";
import { checkEvidenceZip } from "./chaos-evidence.ts";
import type { Account, Evidence } from "./chaos-oracle.ts";
import { ChaosFinding, untilDelivered, waitForStatus } from "./chaos-operator.ts";
import { WINDOW, type ChaosStack } from "./chaos-stack.ts";
import type { Fault, Scenario, Step } from "./chaos-scenario.ts";
import type { Status } from "./chaos-api.ts";

const ABORT_LIMIT_MS = 120_000;
const SLOT_LIMIT_MS = 60_000;
const VERIFY_LIMIT_MS = 60_000;
const WATCH_LIMIT_MS = 5_000;
const POLL_MS = 100;
/** From a second after the answer on, nothing may arrive until its end. */
const RETRY_AFTER_BINDS_MS = 1_000;
const RETRY_AFTER_MS = 3_000;

const isQuiet = (now: Status) => now.leases_out === 0 || now.delivery_completed;
const isAborted = ({ stage_code: stage }: Status) => stage === "aborted";

export class ChaosRun {
  readonly faults: Record<string, number> = {};
  readonly accounts: Account[] = [];
  readonly findings: string[] = [];
  readonly #quiet: { from: number; to: number; why: string }[] = [];
  readonly #stack: ChaosStack;
  readonly #scenario: Scenario;
  #runId = "";
  #isContinuation = false;
  #sentBefore = 0;
  #hasResentUnasked = false;
  settleMs = 0;

  constructor(stack: ChaosStack, scenario: Scenario) {
    this.#stack = stack;
    this.#scenario = scenario;
  }

  async play(): Promise<void> {
    const { initial, steps, killAtStartMs, request } = this.#scenario;
    if (initial) this.#misbehave(initial);
    await this.#start({ ...WINDOW, ...request }, killAtStartMs);
    for (const step of steps) {
      await wait(step.waitMs);
      const status = await this.#status();
      if (status.delivery_completed) break;
      // a canary: the rest is wanted as well
      if (status.stage_code === "paused") await this.#stack.api.call("POST", `/runs/${status.id}/resume`, {});
      await this.#take(step, status);
    }
    await this.#stack.mend();
    const mendedAt = Date.now();
    const { status, settledByHand } = await untilDelivered(
      this.#stack,
      this.#runId,
      this.#scenario.operator,
      0,
    );
    this.settleMs = Date.now() - mendedAt;
    await this.#refusesTheWindowAgain();
    await this.#account(settledByHand);
    await waitForStatus(
      this.#stack,
      status.id,
      ({ report }) => report.complete,
      VERIFY_LIMIT_MS,
      "the report",
    );
    this.findings.push(...(await checkEvidenceZip(this.#stack.api, status.id, this.#stack.dir)));
  }

  evidence(): Evidence {
    const { receiver, files } = this.#stack;
    const { operator, request, cap } = this.#scenario;
    return {
      files,
      rayIds: receiver.tally.rayIds,
      requests: receiver.tally.requests,
      violations: receiver.stats().violations,
      accounts: this.accounts,
      cap,
      isHeldAndAsked:
        request["on_uncertain"] === "hold" && operator === "ask_partner" && !this.#hasResentUnasked,
      hasLied: "200_other_body" in this.faults,
      quiet: [...this.#quiet, ...this.#retryAfterWindows()],
      late: this.#stack.late,
    };
  }

  /** With an Idempotency-Key, so that a kill in the middle of it leaves one run. */
  async #start(body: object, killAfterMs: number | null): Promise<void> {
    const headers = { "Idempotency-Key": `chaos-${Date.now()}` };
    if (killAfterMs !== null) {
      const asked = this.#stack.api.call("POST", "/runs", body, headers).catch(() => null);
      await wait(killAfterMs);
      await this.#kill(0, "kill_at_start");
      await asked;
    }
    const deadline = Date.now() + SLOT_LIMIT_MS;
    for (;;) {
      const { status, body: said } = await this.#stack.api.call<Status>("POST", "/runs", body, headers);
      if (status === 201) {
        this.#runId = said.id;
        return;
      }
      const isForNow = status === 503 || JSON.stringify(said).includes("slot_taken");
      if (!isForNow || Date.now() > deadline) {
        throw new ChaosFinding(`POST /runs ${JSON.stringify(body)}: ${status} ${JSON.stringify(said)}`);
      }
      await wait(POLL_MS);
    }
  }

  /** What is sent never becomes less, and never more than the receiver has. */
  async #status(): Promise<Status> {
    const status = await this.#stack.api.status(this.#runId);
    const { rayIds } = this.#stack.receiver.tally;
    const lied = "200_other_body" in this.faults;
    if (status.log_lines_sent < this.#sentBefore) {
      this.findings.push(`log_lines_sent fell from ${this.#sentBefore} to ${status.log_lines_sent}`);
    }
    if (status.log_lines_sent > rayIds.size && !lied) {
      this.findings.push(`${status.log_lines_sent} lines sent, the receiver has ${rayIds.size}`);
    }
    this.#sentBefore = status.log_lines_sent;
    return status;
  }

  async #take(step: Step, status: Status): Promise<void> {
    const path = `/runs/${this.#runId}`;
    const { api } = this.#stack;
    switch (step.do) {
      case "kill":
        return this.#kill(step.downMs, "kill");
      case "fault":
        if (step.fault.needsWatching && !(await this.#isWatching())) return;
        return this.#misbehave(step.fault);
      case "refuse":
        this.#count("refuse_connections");
        return this.#stack.refuse(step.forMs);
      case "pause":
        return this.#pause(step.park, step.forMs);
      case "patch":
        this.#count("patch");
        return this.#expect(await api.call("PATCH", path, step.body), [200]);
      case "verify":
        this.#count("verify");
        return this.#expect(await api.call("POST", `${path}/verify`, {}), [202]);
      case "abort":
        return this.#abort(step, status);
      case "switch_off":
        this.#count("kill_switch");
        return this.#withVars({ BACKFILL_ENABLED: "false" }, step.forMs, "disabled");
      case "wrong_uri":
        this.#count("wrong_uri");
        return this.#withVars({ CTYUN_URI_EDGE: "/wrong" }, step.forMs, null);
    }
  }

  async #kill(downMs: number, name: string): Promise<void> {
    this.#count(name);
    await this.#stack.kill();
    await wait(downMs);
    await this.#stack.startWorker();
  }

  #misbehave(fault: Fault): void {
    this.#count(fault.name);
    this.#stack.misbehave(fault);
  }

  async #isWatching(): Promise<boolean> {
    const deadline = Date.now() + WATCH_LIMIT_MS;
    while (Date.now() < deadline) {
      if ((await this.#status()).answers.check === "watching") return true;
      await wait(POLL_MS);
    }
    return false;
  }

  async #pause(park: boolean, forMs: number): Promise<void> {
    this.#count(park ? "park" : "pause");
    const { api } = this.#stack;
    const paused = await api.call<Status>("POST", `/runs/${this.#runId}/pause`, { park });
    if (JSON.stringify(paused.body).includes("wrong_state")) return; // delivered meanwhile
    this.#expect(paused, [202]);
    await waitForStatus(this.#stack, this.#runId, isQuiet, ABORT_LIMIT_MS, "a pause without leases");
    const from = Date.now();
    await wait(forMs);
    this.#quiet.push({ from, to: Date.now(), why: "arrived in a pause without leases" });
    const resumed = await api.call("POST", `/runs/${this.#runId}/resume`, {});
    const text = JSON.stringify(resumed.body);
    if (!text.includes("wrong_state")) this.#expect(resumed, [202]);
  }

  async #abort(step: Extract<Step, { do: "abort" }>, before: Status): Promise<void> {
    const path = `/runs/${this.#runId}${step.force ? "?force=true" : ""}`;
    const asked = await this.#stack.api.call<Status>("DELETE", path);
    if (asked.status === 409 && JSON.stringify(asked.body).includes("already_delivered")) return;
    this.#count(step.force ? "abort_force" : "abort");
    this.#expect(asked, [202]);
    await waitForStatus(this.#stack, before.id, isAborted, ABORT_LIMIT_MS, "aborted");
    const from = Date.now();
    await wait(500);
    this.#quiet.push({ from, to: Date.now(), why: `arrived after ${before.id} was aborted` });
    await this.#account(0);
    const { batch_size: _, canary: __, ...request } = this.#scenario.request;
    const policy = request["on_uncertain"] === "hold" ? "hold" : step.onUncertain;
    delete request["on_uncertain"];
    if (policy !== "hold") this.#hasResentUnasked = true;
    const body = { continue_of: before.id, ...request, ...(policy === null ? {} : { on_uncertain: policy }) };
    this.#isContinuation = true;
    this.#sentBefore = 0;
    await this.#start(body, null);
  }

  /** The Worker with other vars for a while, restarted in good order. */
  async #withVars(vars: Record<string, string>, forMs: number, code: string | null): Promise<void> {
    await this.#stack.stopWorker();
    await this.#stack.startWorker(vars);
    if (code !== null) {
      const isSo = (now: Status) => now.state_reason?.code === code || now.stage_code !== "suspended";
      const { stage_code: stage } = await waitForStatus(this.#stack, this.#runId, isSo, 10_000, code);
      const mayBe = ["suspended", "paused", "needs_attention", "aborted", "aborting", "sent_waiting_cleanup"];
      if (!mayBe.includes(stage)) this.findings.push(`${stage} though it should be suspended: ${code}`);
    }
    await wait(forMs);
    await this.#stack.stopWorker();
    await this.#stack.startWorker();
  }

  /** Recounts the run now and keeps what it says of itself. */
  async #account(settledByHand: number): Promise<void> {
    const { api } = this.#stack;
    const before = (await api.status(this.#runId)).verification.last?.as_of;
    this.#expect(await api.call("POST", `/runs/${this.#runId}/verify`, {}), [202]);
    const isNew = ({ verification: { last, under_way: busy } }: Status) =>
      !busy && last !== null && last.as_of !== before;
    const status = await waitForStatus(this.#stack, this.#runId, isNew, VERIFY_LIMIT_MS, "verify");
    const ledger = await api.ledger(this.#runId);
    this.accounts.push({ status, ledger, isContinuation: this.#isContinuation, settledByHand });
  }

  /** The same window again without `replay` could only send twice. */
  async #refusesTheWindowAgain(): Promise<void> {
    const again = await this.#stack.api.call("POST", "/runs", { ...WINDOW });
    if (again.status !== 409) {
      this.findings.push(`POST /runs of a delivered window: ${again.status} ${JSON.stringify(again.body)}`);
      throw new ChaosFinding("the window was taken again");
    }
  }

  /** A restart may lose an answer that nobody had reported yet: such windows prove nothing. */
  #retryAfterWindows() {
    const { tally } = this.#stack.receiver;
    return tally.requests
      .filter(({ status }) => status === 429)
      .map(({ headers_at: begun, answered_at: at }) => ({ begun, at: at ?? begun }))
      .filter(({ begun, at }) =>
        this.#stack.restartedAt.every((restart) => restart < begun || restart > at + RETRY_AFTER_MS),
      )
      .map(({ at }) => ({
        from: at + RETRY_AFTER_BINDS_MS,
        to: at + RETRY_AFTER_MS,
        why: "arrived within a Retry-After",
      }));
  }

  #count(name: string): void {
    this.faults[name] = (this.faults[name] ?? 0) + 1;
  }

  #expect(answer: { status: number; body: unknown }, expected: number[]): void {
    if (expected.includes(answer.status)) return;
    throw new ChaosFinding(`${answer.status} instead of ${expected.join()}: ${JSON.stringify(answer.body)}`);
  }
}
