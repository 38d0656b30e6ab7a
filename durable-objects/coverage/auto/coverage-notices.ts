// Notices about holes: new holes, and windows that were queued by themselves. If a notice waits, later holes are added
// to it. So many holes make one message. No hole is added to a notice that the Notifier may have taken.
import type { AutoReplayState } from "../../../src/contract/auto-replay.ts";
import {
  COVERAGE_OWNER, MAX_SHOWN_HOLES, type CoverageNotice, type CoverageNoticeType, type NoticeHole,
} from "../../../src/contract/notices.ts"; // prettier-ignore
import { errorText, type Log } from "../../../src/platform/log.ts";
import type { Outbox, OutboxRow } from "../../../src/outbox/outbox.ts";
import type { AutoRows, AutoWindow } from "./auto-rows.ts";
import { textOf } from "./decide.ts";

/** How long Coverage waits after the Notifier did not answer. */
const HAND_AGAIN_MS = 30_000;
/** A notice leaves out a hole in one of these states, because no person needs to act on it any more. */
const PAST: ReadonlySet<AutoReplayState> = new Set(["closed", "taken_up", "expired"]);

/** A notice in the outbox. `ids`: the numbers of all its holes, because the notice itself shows only the first ones. */
type StoredNotice = CoverageNotice & { ids?: readonly number[] };

export interface NoticePorts {
  notify(notice: CoverageNotice): Promise<void>;
}

export class CoverageNotices {
  readonly #outbox: Outbox<StoredNotice>;
  readonly #rows: AutoRows;
  readonly #ports: NoticePorts;
  readonly #log: Log;

  constructor(outbox: Outbox<StoredNotice>, rows: AutoRows, ports: NoticePorts, log: Log) {
    this.#outbox = outbox;
    this.#rows = rows;
    this.#ports = ports;
    this.#log = log;
  }

  /** `event`: the number of the last event about these proposals. `ids`: their numbers. */
  write(type: CoverageNoticeType, ids: readonly number[], event: number, now: number): void {
    if (ids.length === 0) return;
    const earlier = this.#outbox.withdrawTopic(type).flatMap(({ notice }) => idsOf(notice));
    const all = [...new Set([...earlier, ...ids])].toSorted((a, b) => a - b);
    const data = { event, ...shown(this.#present(all)) };
    const notice: StoredNotice = { id: `${COVERAGE_OWNER}.${event}`, type, at: now, data, ids: all };
    this.#outbox.add({ event, topic: type, notice, wantedAt: now }, now);
  }

  /** Hands the notices that are due to the Notifier. Returns when to do so again. Null: the Notifier has taken all. */
  async handOver(now: () => number): Promise<number | null> {
    for (let row = this.#outbox.due(now()); row !== null; row = this.#outbox.due(now())) {
      const notice = this.#asSent(row);
      try {
        if (notice === null) this.#outbox.withdraw(row.event);
        else {
          this.#outbox.attempted(row.event);
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
  #asSent({ notice, writtenAt, dueAt }: OutboxRow<StoredNotice>): CoverageNotice | null {
    const { id, type, at, data } = notice;
    if (dueAt <= writtenAt) return { id, type, at, data };
    const holes = this.#present(idsOf(notice));
    return holes.length === 0 ? null : { id, type, at, data: { event: data.event, ...shown(holes) } };
  }

  #present(ids: readonly number[]): AutoWindow[] {
    return this.#rows.byId(ids).filter(({ state }) => !PAST.has(state));
  }
}

/** The numbers of all holes of a notice. Earlier code stored only the holes that the notice shows. */
function idsOf({ ids, data }: StoredNotice): readonly number[] {
  return ids ?? data.holes.map(({ id }) => id);
}

function shown(holes: readonly AutoWindow[]): Pick<CoverageNotice["data"], "holes" | "holes_total"> {
  const first = holes.slice(0, MAX_SHOWN_HOLES).map(({ id, span, files, state }): NoticeHole => ({
    id,
    ...textOf(span),
    files,
    state,
  }));
  return { holes: first, holes_total: holes.length };
}
