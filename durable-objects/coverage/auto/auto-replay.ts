// Watches for holes. While the mode is not "off", Coverage lists the last 24 hours every five minutes. After each
// such check it proposes new parts of holes. In the mode "queue" it also queues them (replay-queue.ts). See
// docs/decisions/0032. While a monitoring system scrapes the metrics, Coverage also checks in the mode "off", but
// proposes nothing.
import {
  AUTO_REPLAY_ACTOR,
  type AutoReplayMode,
  type AutoReplayState,
} from "../../../src/contract/auto-replay.ts";
import { CELL_MS, type CoverageRange } from "../../../src/contract/coverage.ts";
import type { CoveringRun } from "../../../src/contract/registry.ts";
import type { ChangedBy } from "../../../src/contract/windows.ts";
import type { Config } from "../../../src/platform/config.ts";
import type { Log } from "../../../src/platform/log.ts";
import type { SpanMs } from "../rules/cells.ts";
import { hoursOf } from "../rules/hours.ts";
import type { Tools } from "../work/context.ts";
import type { AutoRows } from "./auto-rows.ts";
import { candidatesOf, meets, textOf, without, windowStart } from "./decide.ts";
import type { CoverageNotices } from "./coverage-notices.ts";
import type { AutoPorts } from "./ports.ts";
import { ReplayQueue, unreachable, type Part, type Waits } from "./replay-queue.ts";
import { seenOf, type SeenDay } from "./seen.ts";
import { DAY_MS } from "../../../src/contract/time-units.ts";

export const CHECK_EVERY_MS = 300_000;
const CHECK_AGAIN_MS = 1_000;
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
  readonly #queue: ReplayQueue;
  readonly #notices: Pick<CoverageNotices, "write">;
  readonly #log: Log;

  constructor(rows: AutoRows, ports: AutoPorts, notices: Pick<CoverageNotices, "write">, log: Log) {
    this.#rows = rows;
    this.#ports = ports;
    this.#queue = new ReplayQueue(rows, ports, notices, log);
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
    let runs: CoveringRun[];
    try {
      await this.#queue.settle(config, seen.startMs, now);
      runs = await this.#ports.covering(config, [seen.startMs, seen.endMs]);
    } catch (error) {
      return this.#waits(unreachable(error));
    }
    // An operator may change the mode during each await.
    if (this.modeOf(config) === "off") return;
    const replayed = runs.filter(({ sends }) => sends).map(({ startMs, endMs }): SpanMs => [startMs, endMs]);
    const open = without(candidatesOf(seen, now, config.autoReplayAfterMs), replayed);
    this.#rows.prune(now - KEPT_MS);
    this.#propose(seen, open, now);
    if (this.modeOf(config) !== "queue") return this.#waits(null);
    const waits = await this.#queue.gate(config, now);
    if (this.modeOf(config) !== "queue") return;
    this.#waits(waits);
    if (waits !== null || config.liveBatchSize === null) return;
    for (const span of without(open, this.#queuedSpans(seen))) {
      const taken: SpanMs[] = [[0, seen.knownFrom], ...this.#queuedSpans(seen), ...sentSpans(runs)];
      const part = { ...this.#takeUp(seen, span, now), startMs: windowStart(span, taken) };
      const refused = await this.#queue.send(part, config, config.liveBatchSize, now);
      if (this.modeOf(config) !== "queue") return;
      if (refused !== null) return this.#waits(refused);
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

  /** The parts that were ever queued. */
  #queuedSpans(seen: SeenDay): SpanMs[] {
    const known = this.#rows.windows([seen.startMs, seen.endMs]);
    return known.filter(({ state }) => WITH_QUEUE.has(state)).map(({ span }) => span);
  }

  /** Stores a part before its request to the queue. Takes the proposed part with this span, or replaces the proposed
   * parts that it meets. */
  #takeUp(seen: SeenDay, span: SpanMs, now: number): Part {
    const proposed = this.#rows.windows(span).filter(({ state }) => state === "proposed");
    const same = proposed.find((one) => one.span[0] === span[0] && one.span[1] === span[1]);
    const files = same?.files ?? seen.filesIn(span);
    const id = same?.id ?? this.#rows.add(span, "queueing", files, now);
    if (same) this.#rows.change(id, "queueing", now);
    else for (const one of proposed) this.#rows.change(one.id, "taken_up", now);
    return { id, span, files };
  }

  #waits(waits: Waits | null): void {
    const before = this.#rows.memo<Waits>("waits");
    this.#rows.saveMemo("waits", waits);
    const log = this.#log;
    if (waits !== null && before?.code !== waits.code) log("warn", "auto_replay.waits", { ...waits });
  }
}

/** The windows of runs that are no dry runs, each with the second after its end. A window may include its end, and the
 * lines of this second must not be sent again. An aborted run may have sent lines too, and would block the window. */
function sentSpans(runs: readonly CoveringRun[]): SpanMs[] {
  return runs.filter(({ dryRun }) => !dryRun).map(({ startMs, endMs }) => [startMs, endMs + 1_000]);
}

/** The last 24 hours on cell edges, with the present cell. */
export function lastDay(now: number): CoverageRange {
  const endMs = Math.ceil(now / CELL_MS) * CELL_MS;
  return { startMs: endMs - DAY_MS, endMs };
}
