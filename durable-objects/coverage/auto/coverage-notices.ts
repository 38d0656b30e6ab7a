// Notices about holes: new holes, and windows that were queued by themselves. If the Notifier has not taken a notice
// yet, later holes are added to it. So many holes make one message.
import type { AutoReplayState } from "../../../src/contract/auto-replay.ts";
import {
  COVERAGE_OWNER, MAX_SHOWN_HOLES, type CoverageNotice, type CoverageNoticeType, type NoticeHole,
} from "../../../src/contract/notices.ts"; // prettier-ignore
import { isoSecond } from "../../../src/contract/run-id.ts";
import { errorText, type Log } from "../../../src/platform/log.ts";
import type { Outbox, OutboxRow } from "../../../src/outbox/outbox.ts";
import type { AutoRows } from "./auto-rows.ts";

/** How long Coverage waits after the Notifier did not answer. */
const HAND_AGAIN_MS = 30_000;
/** A notice leaves out a hole in one of these states, because no person needs to act on it any more. */
const PAST: ReadonlySet<AutoReplayState> = new Set(["closed", "taken_up", "expired"]);

export interface NoticePorts {
  notify(notice: CoverageNotice): Promise<void>;
}

export class CoverageNotices {
  readonly #outbox: Outbox<CoverageNotice>;
  readonly #rows: AutoRows;
  readonly #ports: NoticePorts;
  readonly #log: Log;

  constructor(outbox: Outbox<CoverageNotice>, rows: AutoRows, ports: NoticePorts, log: Log) {
    this.#outbox = outbox;
    this.#rows = rows;
    this.#ports = ports;
    this.#log = log;
  }

  /** `event`: the number of the last event about these proposals. `ids`: their numbers. */
  write(type: CoverageNoticeType, ids: readonly number[], event: number, now: number): void {
    if (ids.length === 0) return;
    const earlier = this.#outbox
      .withdrawTopic(type)
      .flatMap(({ notice }) => notice.data.holes.map(({ id }) => id));
    const all = [...new Set([...earlier, ...ids])].toSorted((a, b) => a - b);
    const data = { event, holes: this.#holes(all), holes_total: all.length };
    const notice: CoverageNotice = { id: `${COVERAGE_OWNER}.${event}`, type, at: now, data };
    this.#outbox.add({ event, topic: type, notice, wantedAt: now }, now);
  }

  /** Hands the notices that are due to the Notifier. Returns when to do so again. Null: the Notifier has taken all. */
  async handOver(now: () => number): Promise<number | null> {
    for (let row = this.#outbox.due(now()); row !== null; row = this.#outbox.due(now())) {
      const notice = this.#present(row);
      try {
        if (notice === null) this.#outbox.withdraw(row.event);
        else {
          await this.#ports.notify(notice);
          this.#outbox.handed(row.event, now());
        }
      } catch (error) {
        const log = this.#log;
        log("warn", "notification.notifier_unreachable", { id: row.notice.id, error: errorText(error) });
        return now() + HAND_AGAIN_MS;
      }
    }
    return this.#outbox.nextDueAt();
  }

  givenUp(event: number, channel: string, now: number): void {
    if (!this.#outbox.givenUp(event, channel)) return;
    const notification = `${COVERAGE_OWNER}.${event}`;
    this.#rows.addEvent(now, "system", "notification_given_up", { notification, channel });
  }

  /** The notice as it is sent. If it has waited, it leaves out holes that were closed meanwhile. Null: no hole is
   * left. */
  #present({ notice, writtenAt, dueAt }: OutboxRow<CoverageNotice>): CoverageNotice | null {
    if (dueAt <= writtenAt) return notice;
    const { event, holes, holes_total } = notice.data;
    const left = this.#holes(holes.map(({ id }) => id)).filter(
      ({ state }) => !PAST.has(state as AutoReplayState),
    );
    if (left.length === 0) return null;
    const total = holes_total - (holes.length - left.length);
    return { ...notice, data: { event, holes: left, holes_total: total } };
  }

  #holes(ids: readonly number[]): NoticeHole[] {
    return this.#rows.byId(ids.slice(0, MAX_SHOWN_HOLES)).map(({ id, span, files, state }) => ({
      id,
      start: isoSecond(span[0]),
      end: isoSecond(span[1]),
      files,
      state,
    }));
  }
}
