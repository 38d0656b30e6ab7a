// Calls the Durable Objects of runs: starts an admitted run, and pokes a started run. The alarm repeats a call that
// fails.
import type { AdmittedAnswer, Idempotency } from "../../src/contract/registry.ts";
import type { Env } from "../../src/platform/env.ts";
import { errorText, type Log } from "../../src/platform/log.ts";
import { runObject } from "../../src/platform/objects.ts";
import { statusOf } from "./admission.ts";
import { POKE_EVERY_MS, START_AGAIN_MS } from "./rules.ts";
import type { DueRun, RegistryStore } from "./store.ts";

/** The most runs started or poked in one alarm turn. For other due runs the next turn follows at once. */
const RUNS_PER_TURN = 20;
/** The longest time that an alarm turn waits for its runs. */
const TURN_MS = 5_000;

export class RunStarter {
  readonly #env: Env;
  readonly #store: RegistryStore;
  readonly #log: Log;

  constructor(env: Env, store: RegistryStore, log: Log) {
    this.#env = env;
    this.#store = store;
    this.#log = log;
  }

  /** Starts an admitted run, and returns its first status. */
  async startAdmitted(runId: string, idempotency: Idempotency | null): Promise<AdmittedAnswer> {
    try {
      const run = this.#store.startable(runId);
      if (!run) throw new Error("its row is missing");
      if (!run.started) await this.#start(run);
      const answer = await runObject(this.#env, runId).status();
      if (!answer.ok) throw new Error(answer.detail);
      const { status } = answer;
      const kept = idempotency && this.#store.rememberAnswer(idempotency.key, runId, JSON.stringify(status));
      return { ok: true, replayed: false, runId, status: kept ? statusOf(kept) : status };
    } catch (error) {
      this.#log("error", "registry.run_did_not_answer", { run: runId, error });
      const detail = `run ${runId} is admitted and will start, but has not answered yet`;
      return { ok: false, code: "unconfirmed", detail, runId };
    }
  }

  /** Starts or pokes the runs that are due. */
  async nudgeDue(now: number): Promise<void> {
    const next = { started: now + POKE_EVERY_MS, notStarted: now + START_AGAIN_MS };
    this.#store.setBackPokes(now, POKE_EVERY_MS);
    const due = this.#store.takeDue(now, next, RUNS_PER_TURN);
    await Promise.race([Promise.all(due.map((run) => this.#nudge(run))), scheduler.wait(TURN_MS)]);
  }

  async #nudge(run: DueRun): Promise<void> {
    try {
      if (run.started) await runObject(this.#env, run.runId).poke();
      else await this.#start(run);
    } catch (error) {
      this.#log("warn", "registry.run_did_not_answer", { run: run.runId, error: errorText(error) });
    }
  }

  async #start(run: DueRun): Promise<void> {
    const answer = await runObject(this.#env, run.runId).start(run.spec, run.slot);
    // The run was started with another specification and keeps it. A repeated call would change nothing.
    if (!answer.ok) this.#log("error", "registry.start_refused", { run: run.runId, code: answer.code });
    await this.#abortIfCancelled(run);
    this.#store.markStarted(run.runId, Date.now() + POKE_EVERY_MS);
  }

  /** The window of a run may have been cancelled before the run existed. The abort of the cancellation then reached no
   * run. */
  async #abortIfCancelled({ runId, spec }: DueRun): Promise<void> {
    const window = spec.queueWindow === undefined ? undefined : this.#store.windows.byId(spec.queueWindow);
    if (window?.runId !== runId || !window.isCancelled) return;
    const note = "its window was cancelled before the run started";
    await runObject(this.#env, runId).abort({ actor: "system", note, force: false });
  }
}
