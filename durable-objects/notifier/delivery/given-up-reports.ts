// Some notices were given up for a channel. This file reports this to their owners: the runs and Coverage that wrote
// the notices. An owner that does not answer delays no report to another owner.
import { errorText, type Log } from "../../../src/platform/log.ts";
import type { NotifierStore, UnreportedDelivery } from "../store.ts";

export interface ReportDeps {
  store: Pick<NotifierStore, "unreported" | "markReported">;
  log: Log;
  now: () => number;
  /** Reports to the owner of the notice: this channel did not get the notice. */
  reportGivenUp: (noticeId: string, channel: string) => Promise<void>;
}

const REPORT_AGAIN_MS = 30_000;
const REPORTS_PER_TURN = 20;

export class GivenUpReports {
  readonly #deps: ReportDeps;
  /** The owners that did not answer, and when each is called again. It is only in memory, so after an eviction they
   * are called at once. */
  readonly #callAgainAt = new Map<string, number>();

  constructor(deps: ReportDeps) {
    this.#deps = deps;
  }

  /** Returns the time of the next report. Null: every owner has its reports. */
  async send(): Promise<number | null> {
    const { store, now } = this.#deps;
    const byOwner = Map.groupBy(store.unreported(this.#silent(), REPORTS_PER_TURN), ({ owner }) => owner);
    // All owners at once, so that an owner that answers late costs no more than its own time.
    await Promise.all([...byOwner].map(([owner, rows]) => this.#sendTo(owner, rows)));
    const silent = this.#silent();
    if (store.unreported(silent, 1).length > 0) return now();
    return silent.length > 0 ? Math.min(...this.#callAgainAt.values()) : null;
  }

  /** Ends at the first failure, because the owner would not answer the next call either. */
  async #sendTo(owner: string, rows: readonly UnreportedDelivery[]): Promise<void> {
    const { store, now, reportGivenUp, log } = this.#deps;
    for (const { delivery, noticeId, channel } of rows) {
      try {
        await reportGivenUp(noticeId, channel);
        store.markReported(delivery);
      } catch (error) {
        log("warn", "notification.owner_unreachable", { id: noticeId, error: errorText(error) });
        this.#callAgainAt.set(owner, now() + REPORT_AGAIN_MS);
        return;
      }
    }
  }

  /** The owners that are not called yet. A time that is farther ahead was written before the clock was set back. */
  #silent(): string[] {
    const now = this.#deps.now();
    for (const [owner, at] of this.#callAgainAt)
      if (at <= now || at > now + REPORT_AGAIN_MS) this.#callAgainAt.delete(owner);
    return [...this.#callAgainAt.keys()];
  }
}
