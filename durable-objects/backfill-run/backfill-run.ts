// One run: the object that owns its state, its file cursor and its cleanup, in transactional storage. This file is
// the shell: RPC methods and alarm(). No SQL (store/), no rules (the pure modules beside it), no log line ever.
//
// Every RPC method is one synchronous turn: read, decide, write, and see to it that the clock ticks in time.
// I/O happens in alarm() alone, step by step: the facts are read, plan.ts names the next step, carry-out.ts performs
// it, and so on until there is nothing to do but sleep, or the turn has taken long enough.
import { DurableObject } from "cloudflare:workers";
import { logLevelOf } from "../../src/config.ts";
import type { Env } from "../../src/env.ts";
import { createLog, errorText } from "../../src/log.ts";
import { warnOfMisspeltVars } from "../../src/misspelt-vars.ts";
import { registryObject } from "../../src/objects.ts";
import type {
  AbortAnswer, AbortRequest, BackfillRunApi, BatchesAnswer, BatchRef, EventsAnswer, FileClaim, FileClaimRefusal, FileFailedAnswer, FileFailure,
  FilesAnswer, InheritCursor, InheritedPage, LeaseAnswer, LimitsAnswer, ListQuery, ManifestPage, NextAnswer, QueuedAnswer, RawAnswer, Refused, RegrantAnswer, RenewAnswer,
  RunSpec, SamplesAnswer, SendReport, StartAnswer, StatusAnswer,
} from "./api.ts"; // prettier-ignore
import type { OperatorAnswer, OperatorCommand } from "./api-operator.ts";
import { SEND_LEASE_MS } from "./claim.ts";
import { Clock } from "./clock.ts";
import { followClock, moveTimes } from "./clock-set-back.ts";
import { receiverIdOf, settingsOf, started, type RunContext, type Settings } from "./context.ts";
import { abort, start } from "./lifecycle-verbs.ts";
import { listPages } from "./list-pages.ts";
import { SendingMemory } from "./memory.ts";
import { claimFile, fileFailed, queued, renewFile, uploadStarted } from "./parse-verbs.ts";
import { operateWithSlot } from "./operator-verbs.ts";
import { livePorts } from "./ports.ts";
import { done, next, regrant, renew, unsent } from "./send-verbs.ts";
import { statusOf } from "./status.ts";
import { reportRead } from "./reports.ts";
import { takeTurn } from "./turn.ts";
import { RunStore } from "./store/store.ts";
import { inheritance, limits, listBatches, listEvents, listFiles, listSamples, raw } from "./view-verbs.ts";

export class BackfillRun extends DurableObject<Env> implements BackfillRunApi {
  readonly #store: RunStore;
  readonly #memory: SendingMemory;
  readonly #settings: Settings;
  readonly #log;
  readonly #clock: Clock;

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    this.#store = new RunStore(ctx.storage);
    const row = this.#store.run.read();
    this.#memory = new SendingMemory(row ? JSON.parse(this.#store.totals.hot().pace_json) : null, Date.now());
    this.#settings = settingsOf(env);
    this.#log = createLog(logLevelOf(env));
    warnOfMisspeltVars(env, this.#log);
    const ports = livePorts(env, receiverIdOf(this.#settings), listPages(env.LOGS));
    this.#clock = new Clock({
      storage: ctx.storage,
      now: Date.now,
      turn: () => takeTurn(this.#context, ports, this.#log),
      failed: (error) => this.#log("error", "alarm_failed", { error: errorText(error) }),
    });
    if (!row) return;
    // by how much a clock was set back that nobody read meanwhile is not known
    moveTimes(this.#context(), 0);
    void ctx.blockConcurrencyWhile(() => this.#clock.rearm());
  }

  #context = (): RunContext => {
    const [store, memory, settings, log] = [this.#store, this.#memory, this.#settings, this.#log];
    const context = { store, memory, settings, log, now: Date.now() };
    if (followClock(context)) this.#clock.soon();
    return context;
  };

  override async alarm(): Promise<void> {
    await this.#clock.tick();
  }

  async start(spec: RunSpec, slot: { fence: number; notBefore: number }): Promise<StartAnswer> {
    const key = crypto.randomUUID() + crypto.randomUUID();
    const answer = start(this.#context(), spec, slot, key);
    this.#clock.soon();
    return answer;
  }

  async status(): Promise<StatusAnswer> {
    const context = this.#context();
    const run = started(context);
    if (!run) return { ok: false, code: "unknown_run", detail: "this run was never started" };
    return { ok: true, status: statusOf(context, run) };
  }

  async raw(): Promise<RawAnswer> {
    return raw(this.#context());
  }

  async listFiles(query: ListQuery): Promise<FilesAnswer> {
    return listFiles(this.#context(), query);
  }

  async listBatches(query: ListQuery): Promise<BatchesAnswer> {
    return listBatches(this.#context(), query);
  }

  async limits(): Promise<LimitsAnswer> {
    return limits(this.#context());
  }

  async inheritance(after: InheritCursor): Promise<InheritedPage | Refused<"unknown_run">> {
    return inheritance(this.#context(), after);
  }

  async listEvents(query: ListQuery): Promise<EventsAnswer> {
    return listEvents(this.#context(), query);
  }

  async listSamples(query: ListQuery): Promise<SamplesAnswer> {
    return listSamples(this.#context(), query);
  }

  async abort(request: AbortRequest): Promise<AbortAnswer> {
    const answer = abort(this.#context(), request);
    this.#clock.soon();
    return answer;
  }

  async operate(command: OperatorCommand): Promise<OperatorAnswer> {
    const answer = await operateWithSlot(this.#context, command, (replay) => this.#acquireSlot(replay));
    this.#clock.soon();
    return answer;
  }

  async #acquireSlot(replay: boolean) {
    const { run_id } = this.#store.run.read() ?? { run_id: "" };
    return registryObject(this.env, receiverIdOf(this.#settings)).acquire(run_id, replay);
  }

  async reportRead(generation: number | null): Promise<boolean> {
    return reportRead(this.#context(), generation);
  }

  async poke(): Promise<void> {
    if (this.#store.run.read()) await this.#clock.rearm();
  }

  async deadLetter(queue: "parse" | "send"): Promise<void> {
    if (!this.#store.run.read()) return;
    this.#store.transaction(() => this.#store.totals.add(`${queue}_dead_letters`, 1));
    this.#clock.soon();
  }

  async claimFile(file: number): Promise<FileClaim | FileClaimRefusal> {
    const answer = claimFile(this.#context(), file);
    if (answer.ok) this.#clock.wakeBy(Date.now() + answer.leaseMs);
    return answer;
  }

  async renewFile(file: number, attempt: number): Promise<LeaseAnswer> {
    return renewFile(this.#context(), file, attempt);
  }

  async uploadStarted(file: number, attempt: number, uploadId: string): Promise<LeaseAnswer> {
    return uploadStarted(this.#context(), file, attempt, uploadId);
  }

  async queued(page: ManifestPage): Promise<QueuedAnswer> {
    const answer = queued(this.#context(), page);
    if (!answer.ok || answer.state !== "staged") this.#clock.soon();
    return answer;
  }

  async fileFailed(failure: FileFailure): Promise<FileFailedAnswer> {
    const answer = fileFailed(this.#context(), failure);
    this.#clock.soon();
    return answer;
  }

  async next(lane: string, reports: SendReport[], want: number): Promise<NextAnswer> {
    const isFirst = this.#memory.invocations(Date.now()) === 0;
    const answer = next(this.#context(), lane, reports, want, Math.random);
    // somebody heard the first bell, or a report opened the way: now the others are rung for
    if (answer.kind === "nothing" || isFirst || this.#memory.takeNews()) this.#clock.soon();
    else if (answer.kind === "grants") this.#clock.wakeBy(Date.now() + SEND_LEASE_MS);
    return answer;
  }

  async done(lane: string, reports: SendReport[]): Promise<void> {
    done(this.#context(), lane, reports, Math.random);
    this.#memory.takeNews();
    this.#clock.soon();
  }

  async renew(attempts: BatchRef[]): Promise<RenewAnswer> {
    return renew(this.#context(), attempts);
  }

  async regrant(ref: BatchRef): Promise<RegrantAnswer> {
    return regrant(this.#context(), ref);
  }

  async giveBack(ref: BatchRef): Promise<void> {
    await this.done("", [unsent(ref)]);
  }
}
