// Sends parts of holes to the window queue, one request for each part, and records the answers. Each part is stored as
// "queueing" before its request. So after a lost answer or an eviction, Coverage asks the queue for its answer.
import { AUTO_REPLAY_ACTOR } from "../../../src/contract/auto-replay.ts";
import type { WindowOutcome } from "../../../src/contract/windows.ts";
import type { Config } from "../../../src/platform/config.ts";
import { errorText, type Log } from "../../../src/platform/log.ts";
import type { AutoRows, AutoWindow } from "./auto-rows.ts";
import type { CoverageNotices } from "./coverage-notices.ts";
import { textOf } from "./decide.ts";
import type { AutoPorts } from "./ports.ts";
import { provingRun } from "./proof.ts";
import { keyOf, queueRequest } from "./queue-request.ts";
import { stateOf } from "./state-of-outcome.ts";

/** How long a proof of the live worker's batch size is used before Coverage asks the runs again. */
const PROOF_MS = 3_600_000;

export interface Proof {
  size: number;
  run: string;
  at: number;
}

/** Why nothing can be queued now. */
export interface Waits {
  code: string;
  detail: string;
}

/** A part of a hole, stored as "queueing". */
export type Part = Pick<AutoWindow, "id" | "span" | "files">;

export class ReplayQueue {
  readonly #rows: AutoRows;
  readonly #ports: AutoPorts;
  readonly #notices: Pick<CoverageNotices, "write">;
  readonly #log: Log;

  constructor(rows: AutoRows, ports: AutoPorts, notices: Pick<CoverageNotices, "write">, log: Log) {
    this.#rows = rows;
    this.#ports = ports;
    this.#notices = notices;
    this.#log = log;
  }

  /** Null: windows can be queued. */
  async gate(config: Config, now: number): Promise<Waits | null> {
    if (!config.enabled) return { code: "disabled", detail: 'BACKFILL_ENABLED is not "true"' };
    if (!config.receiver) return { code: "receiver_not_configured", detail: `missing secrets: ${config.missingSecrets.join(", ")}` }; // prettier-ignore
    // The markers show what the live worker delivered to the partner, and nothing about another receiver.
    if (config.receiver.kind !== "ctyun")
      return { code: "other_receiver", detail: "RECEIVER is set, and the live worker sends to the partner" };
    const size = config.liveBatchSize;
    if (size === null)
      return { code: "live_batch_size_needed", detail: "the var LIVE_BATCH_SIZE is not set" };
    const known = this.#rows.memo<Proof>("proof");
    if (known?.size === size && known.at <= now && now - known.at < PROOF_MS) return null;
    const run = provingRun(await this.#ports.judgements(config), size);
    this.#rows.saveMemo("proof", run === null ? null : ({ size, run, at: now } satisfies Proof));
    if (run !== null) return null;
    const detail = `no earlier run proves that the live worker's batches have ${size} records; a dry run with "live": "skip_delivered" can`;
    return { code: "live_batch_size_unproven", detail };
  }

  /** Asks the queue for its answers to the requests of earlier checks whose answer is unknown. If the queue does not
   * know a request, its part is proposed again, as it may be no hole any more. Older than `watchedFrom`, it expires.
   * @throws Error when the registry does not answer. */
  async settle(config: Config, watchedFrom: number, now: number): Promise<void> {
    for (const part of this.#rows.inState("queueing")) {
      const outcome = await this.#ports.recall(config, keyOf(part.span));
      if (outcome !== null) this.#record(part, outcome, now);
      else this.#rows.change(part.id, part.span[1] <= watchedFrom ? "expired" : "proposed", now);
    }
  }

  /** Sends one request for the part. Its window is from `startMs` to the end of the part. Returns why the queue takes
   * no window now. Null: the queue has answered. */
  async send(
    part: Part & { startMs: number },
    config: Config,
    batchSize: number,
    now: number,
  ): Promise<Waits | null> {
    try {
      const request = queueRequest(config, part.span, part.startMs, batchSize);
      const answer = await this.#ports.queue(config, request, keyOf(part.span));
      if (!answer.ok) return { code: answer.code, detail: answer.detail };
      const [outcome] = answer.outcomes;
      if (outcome === undefined) throw new Error("the queue gave no outcome for the window");
      this.#record(part, outcome, now);
      return null;
    } catch (error) {
      return unreachable(error);
    }
  }

  #record({ id, span, files }: Part, outcome: WindowOutcome, now: number): void {
    const { state, ...more } = stateOf(outcome);
    this.#rows.change(id, state, now, more);
    const fields = { ...textOf(span), files, state, window: more.window };
    const event = this.#rows.addEvent(now, AUTO_REPLAY_ACTOR, state, fields);
    if (state !== "duplicate") this.#notices.write("coverage.replay_queued", [id], event, now);
    const log = this.#log;
    log("warn", "auto_replay.queued", fields);
  }
}

export function unreachable(error: unknown): Waits {
  return { code: "registry_unreachable", detail: errorText(error) };
}
