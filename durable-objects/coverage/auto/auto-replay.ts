// Watches for holes. While the mode is not "off", Coverage lists the last 24 hours every five minutes. After each
// such check it proposes new parts of holes. In the mode "queue" it also queues them. Each part is stored before the
// request to the queue. So after a lost answer or an eviction, the request is repeated with the same key. See
// docs/decisions/0032. While a monitoring system scrapes the metrics, Coverage also checks in the mode "off", but
// proposes nothing.
import {
  AUTO_REPLAY_ACTOR,
  type AutoReplayMode,
  type AutoReplayState,
} from "../../../src/contract/auto-replay.ts";
import { CELL_MS, type CoverageRange } from "../../../src/contract/coverage.ts";
import { isoSecond } from "../../../src/contract/run-id.ts";
import type { ChangedBy } from "../../../src/contract/windows.ts";
import type { Config } from "../../../src/platform/config.ts";
import { errorText, type Log } from "../../../src/platform/log.ts";
import type { SpanMs } from "../rules/cells.ts";
import { hoursOf } from "../rules/hours.ts";
import type { Tools } from "../work/context.ts";
import type { AutoRows, AutoWindow } from "./auto-rows.ts";
import { candidatesOf, meets, without } from "./decide.ts";
import type { CoverageNotices } from "./coverage-notices.ts";
import type { AutoPorts } from "./ports.ts";
import { provingRun } from "./proof.ts";
import { keyOf, queueRequest } from "./queue-request.ts";
import { seenOf, type SeenDay } from "./seen.ts";
import { stateOf } from "./state-of-outcome.ts";
import { DAY_MS } from "../../../src/contract/time-units.ts";

export const CHECK_EVERY_MS = 300_000;
const CHECK_AGAIN_MS = 1_000;
/** How long a proof of the live worker's batch size is used before Coverage asks the runs again. */
const PROOF_MS = 3_600_000;
const KEPT_MS = 30 * DAY_MS;
/** How long the checks continue after the last scrape. */
export const SCRAPED_MS = 3_600_000;
/** The time of a scrape is stored only if the stored time is older than this. So scrapes cause few writes. */
const SCRAPE_AGAIN_MS = 60_000;

export interface Switch {
  mode: AutoReplayMode;
  at: number;
  actor: string;
  note: string | null;
  /** The value of the var AUTO_REPLAY when an operator switched the mode. If a deployment changes the var, the
   * switched mode ends. */
  deployed: AutoReplayMode;
}
export interface LastDayCheck {
  begunAt: number;
  isDone: boolean;
}
export interface Proof {
  size: number;
  run: string;
  at: number;
}
export interface Waits {
  code: string;
  detail: string;
}

/** A window in one of these states was queued before. It is never queued again. */
const WITH_QUEUE: ReadonlySet<AutoReplayState> = new Set([
  "queueing",
  "queued",
  "coalesced",
  "duplicate",
  "blocked",
  "refused",
]);

export class AutoReplay {
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

  modeOf({ autoReplay }: Config): AutoReplayMode {
    const switched = this.#rows.memo<Switch>("switch");
    return switched?.deployed === autoReplay ? switched.mode : autoReplay;
  }

  switchTo(mode: AutoReplayMode, by: ChangedBy, config: Config, now: number): void {
    const from = this.modeOf(config);
    this.#rows.saveMemo("switch", { mode, at: now, ...by, deployed: config.autoReplay } satisfies Switch);
    this.#rows.addEvent(now, by.actor, "switched", { from, to: mode, note: by.note });
    // After a change of the mode, the next check begins at once.
    this.#rows.saveMemo("look", null);
  }

  /** Records that the metrics were scraped. */
  scraped(now: number): void {
    if (!this.#isScraped(now, SCRAPE_AGAIN_MS)) this.#rows.saveMemo("scraped", now);
  }

  /** The stored time of the newest scrape. A time in the future means that the clock was set back. The next scrape
   * is then written. */
  #isScraped(now: number, withinMs: number): boolean {
    const at = this.#rows.memo<number>("scraped");
    return at !== null && at <= now && now - at < withinMs;
  }

  /** When the next check is due. Null: the mode is "off", and the metrics were not scraped within the last hour. */
  nextLookAt(config: Config, now: number): number | null {
    if (this.modeOf(config) === "off" && !this.#isScraped(now, SCRAPED_MS)) return null;
    const check = this.#rows.memo<LastDayCheck>("look");
    // If the last check began in the future, the clock was set back.
    return check === null || !check.isDone || check.begunAt > now ? now : check.begunAt + CHECK_EVERY_MS;
  }

  /** Call before the steps of a turn. Asks Coverage to list the last day while a check is due or unfinished. */
  begin({ store, now }: Tools, config: Config): void {
    const at = now();
    const due = this.nextLookAt(config, at);
    if (due === null || due > at) return;
    const range = lastDay(at);
    const check = this.#rows.memo<LastDayCheck>("look");
    const hours = hoursOf(range);
    if (check === null || check.isDone || check.begunAt > at) {
      this.#rows.saveMemo("look", { begunAt: at, isDone: false } satisfies LastDayCheck);
      store.makeDue(hours, at);
    }
    const [firstHour = 0] = hours;
    store.saveWantedRange(
      { firstHour, lastHour: hours.at(-1) ?? firstHour, detail: "presence", askedAt: at },
      0,
    );
  }

  /** Call after the steps of a turn. Returns when the next turn is due. Null: no check is due. */
  async finish(tools: Tools, config: Config): Promise<number | null> {
    const at = tools.now();
    const due = this.nextLookAt(config, at);
    if (due === null || due > at) return due;
    const seen = seenOf(tools, lastDay(at));
    // The steps of the turn also return a time at which they continue. The earlier of the two times counts.
    if (!seen.isComplete) return at + CHECK_AGAIN_MS;
    if (this.modeOf(config) !== "off") await this.#decide(seen, config, at);
    const check = this.#rows.memo<LastDayCheck>("look");
    // If the mode changed during the decision, another check is necessary.
    if (check !== null) this.#rows.saveMemo("look", { ...check, isDone: true } satisfies LastDayCheck);
    return this.nextLookAt(config, tools.now());
  }

  async #decide(seen: SeenDay, config: Config, now: number): Promise<void> {
    const day: SpanMs = [seen.startMs, seen.endMs];
    let open: SpanMs[];
    try {
      const runs = await this.#ports.covering(config, day);
      const replayed = runs
        .filter(({ sends }) => sends)
        .map(({ startMs, endMs }): SpanMs => [startMs, endMs]);
      open = without(candidatesOf(seen, now, config.autoReplayAfterMs), replayed);
    } catch (error) {
      return this.#waits(unreachable(error));
    }
    this.#rows.prune(now - KEPT_MS);
    this.#propose(seen, open, now);
    if (this.modeOf(config) !== "queue") return this.#waits(null);
    const waits = await this.#gate(config, now);
    this.#waits(waits);
    if (waits !== null || config.liveBatchSize === null) return;
    this.#takeUp(seen, open, now);
    for (const one of this.#rows.windows([0, seen.endMs]).filter(({ state }) => state === "queueing")) {
      if (one.span[1] <= seen.startMs) this.#rows.change(one.id, "expired", now);
      else if (!(await this.#queue(one, config, config.liveBatchSize, now))) return;
    }
  }

  /** Records the new parts of holes. Closes a proposed part that is no longer a hole. It may be proposed again
   * later. */
  #propose(seen: SeenDay, open: readonly SpanMs[], now: number): void {
    const known = this.#rows.windows([seen.startMs, seen.endMs]);
    for (const { id, state, span } of known) {
      const isOpen = open.some((one) => meets(one, span));
      if (state === "proposed" && !isOpen) this.#rows.change(id, "closed", now);
      if (state === "closed" && isOpen) this.#rows.change(id, "proposed", now);
    }
    const found: number[] = [];
    let event = 0;
    for (const span of without(
      open,
      known.map((one) => one.span),
    )) {
      const files = seen.filesIn(span);
      found.push(this.#rows.add(span, "proposed", files, now));
      const fields = { ...textOf(span), files };
      event = this.#rows.addEvent(now, AUTO_REPLAY_ACTOR, "proposed", fields);
      const log = this.#log;
      log("warn", "auto_replay.proposed", fields);
    }
    this.#notices.write("coverage.hole_found", found, event, now);
  }

  /** Makes windows for the queue from proposed parts that were never queued. */
  #takeUp(seen: SeenDay, open: readonly SpanMs[], now: number): void {
    const known = this.#rows.windows([seen.startMs, seen.endMs]);
    const queued = known.filter(({ state }) => WITH_QUEUE.has(state)).map(({ span }) => span);
    const proposed = known.filter(({ state }) => state === "proposed");
    for (const span of without(open, queued)) {
      const same = proposed.find((one) => one.span[0] === span[0] && one.span[1] === span[1]);
      if (same) this.#rows.change(same.id, "queueing", now);
      else {
        this.#rows.add(span, "queueing", seen.filesIn(span), now);
        for (const one of proposed) if (meets(one.span, span)) this.#rows.change(one.id, "taken_up", now);
      }
    }
  }

  /** Sends one request to the window queue. False: the queue accepts no window now. The next check repeats the
   * request. */
  async #queue(
    { id, span, files }: AutoWindow,
    config: Config,
    batchSize: number,
    now: number,
  ): Promise<boolean> {
    try {
      const answer = await this.#ports.queue(config, queueRequest(config, span, batchSize), keyOf(span));
      const [outcome] = answer.ok ? answer.outcomes : [];
      if (!answer.ok || outcome === undefined) {
        this.#waits(answer.ok ? null : { code: answer.code, detail: answer.detail });
        return false;
      }
      const { state, ...more } = stateOf(outcome);
      this.#rows.change(id, state, now, more);
      const fields = { ...textOf(span), files, state, window: more.window };
      const event = this.#rows.addEvent(now, AUTO_REPLAY_ACTOR, state, fields);
      if (state !== "duplicate") this.#notices.write("coverage.replay_queued", [id], event, now);
      const log = this.#log;
      log("warn", "auto_replay.queued", fields);
      return true;
    } catch (error) {
      this.#waits(unreachable(error));
      return false;
    }
  }

  /** Why nothing can be queued now. */
  async #gate(config: Config, now: number): Promise<Waits | null> {
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

  #waits(waits: Waits | null): void {
    const before = this.#rows.memo<Waits>("waits");
    this.#rows.saveMemo("waits", waits);
    const log = this.#log;
    if (waits !== null && before?.code !== waits.code) log("warn", "auto_replay.waits", { ...waits });
  }
}

/** The last 24 hours on cell edges, with the present cell. */
export function lastDay(now: number): CoverageRange {
  const endMs = Math.ceil(now / CELL_MS) * CELL_MS;
  return { startMs: endMs - DAY_MS, endMs };
}

export function textOf([startMs, endMs]: SpanMs): { start: string; end: string } {
  return { start: isoSecond(startMs), end: isoSecond(endMs) };
}

function unreachable(error: unknown): Waits {
  return { code: "registry_unreachable", detail: errorText(error) };
}
