// One run: its state, file cursor and cleanup, in transactional storage. This file is the shell: RPC methods and
// alarm(). SQL is in ledger/, and the rules are in the other folders. No log line passes through this Durable Object.
//
// An RPC method reads, decides and writes without an await, and a method that writes wakes the clock. Only alarm() and
// `operate`, which may ask the registry for the slot, do I/O. alarm() performs steps that clock/plan.ts chooses from the facts, until no step is left, or for 5 s.
import { DurableObject } from "cloudflare:workers";
import { logLevelOf } from "../../src/platform/config.ts";
import type { Env } from "../../src/platform/env.ts";
import { createLog, errorText } from "../../src/platform/log.ts";
import { warnOfMisspeltVars } from "../../src/platform/misspelt-vars.ts";
import type {
  AbortAnswer, AbortRequest, BackfillRunApi, BatchesAnswer, EventsAnswer, FilesAnswer, InheritanceAnswer,
  InheritCursor, LimitsAnswer, ListQuery, MetricsAnswer, PlannedAnswer, RawAnswer, RunMapAnswer, RunSpec,
  SampleSourceAnswer, SamplesAnswer, SeriesAnswer, StartAnswer, StatusAnswer,
} from "../../src/contract/run.ts"; // prettier-ignore
import type { BatchRef, NextAnswer, PermitRenewal, RenewAnswer, SendReport } from "../../src/contract/sending.ts"; // prettier-ignore
import type { FileClaim, FileClaimRefusal, FileFailedAnswer, FileFailure, LeaseAnswer, ManifestPage, QueuedAnswer } from "../../src/contract/parsing.ts"; // prettier-ignore
import type { OperatorAnswer, OperatorCommand } from "../../src/contract/operator.ts";
import type { RayDeliveriesAnswer, RayFilesAnswer, RayFilesQuery, RayLine } from "../../src/contract/rays.ts";
import { SEND_LEASE_MS } from "./sending/claim.ts";
import { Clock } from "../../src/platform/clock.ts";
import { followClock, moveTimes } from "./clock/clock-set-back.ts";
import { settingsOf, type Settings } from "./context/settings.ts";
import type { RunContext } from "./context/context.ts";
import { abort, start } from "./operator/lifecycle.ts";
import { RunMemory } from "./context/run-memory.ts";
import { claimFile, fileFailed, queued, renewFile, uploadStarted } from "./files/parse-verbs.ts";
import { operateWithSlot } from "./operator/operator-verbs.ts";
import { livePorts, registryOfRun } from "./context/ports.ts";
import { renew, renewPermit } from "./sending/renewals.ts";
import { done, next } from "./sending/send-verbs.ts";
import { reportRead } from "./proof/evidence-generations.ts";
import { notificationGivenUp } from "./stage/given-up.ts";
import { takeTurn } from "./clock/turn.ts";
import { RunStore } from "./ledger/store.ts";
import type { Worker } from "./ledger/work-meter.ts";
import {
  inheritance, limits, listBatches, listEvents, listFiles, listSamples, map, metrics, planned, rayDeliveries, rayFiles, raw, sampleSource, series, status,
} from "./views/read-verbs.ts"; // prettier-ignore

export class BackfillRun extends DurableObject<Env> implements BackfillRunApi {
  readonly #store: RunStore;
  readonly #memory: RunMemory;
  #settings: Settings;
  readonly #log;
  readonly #clock: Clock;

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    this.#store = new RunStore(ctx.storage);
    const row = this.#store.run.read();
    this.#memory = new RunMemory(row ? JSON.parse(this.#store.totals.hot().pace_json) : null, Date.now());
    this.#settings = settingsOf(env, row?.run_id ?? "");
    this.#log = createLog(logLevelOf(env));
    warnOfMisspeltVars(env, this.#log);
    const ports = livePorts(env, this.#store.meter.r2, Date.now);
    this.#clock = new Clock({
      storage: ctx.storage,
      now: Date.now,
      turn: () => takeTurn(this.#context, ports, this.#log),
      failed: (error) => this.#log("error", "alarm_failed", { error: errorText(error) }),
    });
    if (!row) return;
    moveTimes(this.#context(), 0); // after an eviction, it is unknown how far the clock was set back
    void ctx.blockConcurrencyWhile(() => this.#clock.rearm());
  }

  #context = (by: Worker = "clock"): RunContext => {
    this.#store.meter.takesOver(by);
    const [store, memory, settings, log] = [this.#store, this.#memory, this.#settings, this.#log];
    const context = { store, memory, settings, log, now: Date.now() };
    if (followClock(context)) this.#clock.soon();
    return context;
  };

  #soon<Answer>(answer: Answer): Answer {
    this.#clock.soon();
    return answer;
  }

  override async alarm(): Promise<void> {
    this.#store.meter.takesOver("call");
    await this.#clock.tick();
  }

  async start(spec: RunSpec, slot: { fence: number; notBefore: number }): Promise<StartAnswer> {
    this.#settings = settingsOf(this.env, this.#store.run.read()?.run_id ?? spec.runId);
    return this.#soon(start(this.#context("call"), spec, slot, crypto.randomUUID() + crypto.randomUUID()));
  }

  // Methods that only read.
  async status(): Promise<StatusAnswer> {
    return status(this.#context("reader"));
  }
  async metrics(): Promise<MetricsAnswer> {
    return metrics(this.#context("reader"));
  }
  async raw(): Promise<RawAnswer> {
    return raw(this.#context("reader"));
  }
  async listFiles(query: ListQuery): Promise<FilesAnswer> {
    return listFiles(this.#context("reader"), query);
  }
  async listBatches(query: ListQuery): Promise<BatchesAnswer> {
    return listBatches(this.#context("reader"), query);
  }
  async limits(): Promise<LimitsAnswer> {
    return limits(this.#context("reader"));
  }
  async inheritance(after: InheritCursor): Promise<InheritanceAnswer> {
    return inheritance(this.#context("reader"), after);
  }
  async planned(after: string | null): Promise<PlannedAnswer> {
    return planned(this.#context("reader"), after);
  }
  async sampleSource(): Promise<SampleSourceAnswer> {
    return sampleSource(this.#context("reader"));
  }
  async listEvents(query: ListQuery): Promise<EventsAnswer> {
    return listEvents(this.#context("reader"), query);
  }
  async listSamples(query: ListQuery): Promise<SamplesAnswer> {
    return listSamples(this.#context("reader"), query);
  }
  async map(): Promise<RunMapAnswer> {
    return map(this.#context("reader"));
  }
  async series(since: number | null): Promise<SeriesAnswer> {
    return series(this.#context("reader"), since);
  }
  async rayFiles(query: RayFilesQuery): Promise<RayFilesAnswer> {
    return rayFiles(this.#context("reader"), query);
  }
  async rayDeliveries(lines: RayLine[]): Promise<RayDeliveriesAnswer> {
    return rayDeliveries(this.#context("reader"), lines);
  }

  async abort(request: AbortRequest): Promise<AbortAnswer> {
    return this.#soon(abort(this.#context("call"), request));
  }

  async operate(command: OperatorCommand): Promise<OperatorAnswer> {
    const runId = this.#store.run.read()?.run_id ?? "";
    const acquire = (replay: boolean) => registryOfRun(this.env, runId).acquire(runId, replay);
    return this.#soon(await operateWithSlot(this.#context, command, acquire));
  }

  async reportRead(generation: number | null): Promise<boolean> {
    return reportRead(this.#context(), generation);
  }
  async poke(): Promise<void> {
    if (this.#store.run.read()) await this.#clock.rearm();
  }
  async notificationGivenUp(event: number, channel: string): Promise<void> {
    return notificationGivenUp(this.#context("call"), event, channel);
  }
  async deadLetter(queue: "parse" | "send"): Promise<void> {
    if (!this.#store.run.read()) return;
    this.#soon(this.#store.transaction(() => this.#store.totals.add(`${queue}_dead_letters`, 1)));
  }
  async claimFile(file: number): Promise<FileClaim | FileClaimRefusal> {
    const answer = claimFile(this.#context("call"), file);
    if (answer.ok) this.#clock.wakeBy(Date.now() + answer.leaseMs);
    return answer;
  }
  async renewFile(file: number, attempt: number): Promise<LeaseAnswer> {
    return renewFile(this.#context("call"), file, attempt);
  }
  async uploadStarted(file: number, attempt: number, uploadId: string): Promise<LeaseAnswer> {
    return uploadStarted(this.#context("call"), file, attempt, uploadId);
  }
  async queued(page: ManifestPage): Promise<QueuedAnswer> {
    const answer = queued(this.#context("call"), page);
    if (!answer.ok || answer.state !== "staged") this.#clock.soon();
    return answer;
  }
  async fileFailed(failure: FileFailure): Promise<FileFailedAnswer> {
    return this.#soon(fileFailed(this.#context("call"), failure));
  }
  async next(lane: string, reports: SendReport[], want: number, call?: number): Promise<NextAnswer> {
    const answer = next(this.#context("call"), lane, reports, want, { random: Math.random, call });
    if (this.#memory.wakeUps.takeRequest()) this.#clock.soon();
    else if (answer.kind === "grants") this.#clock.wakeBy(Date.now() + SEND_LEASE_MS);
    return answer;
  }
  async done(lane: string, reports: SendReport[]): Promise<void> {
    done(this.#context("call"), lane, reports, Math.random);
    this.#memory.wakeUps.takeRequest();
    this.#clock.soon();
  }

  async renew(attempts: BatchRef[]): Promise<RenewAnswer> {
    return renew(this.#context("call"), attempts);
  }
  async regrant(ref: BatchRef): Promise<PermitRenewal> {
    return renewPermit(this.#context("call"), ref);
  }
}
