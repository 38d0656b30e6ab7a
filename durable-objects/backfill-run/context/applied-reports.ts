// Remembers the applied send reports. A sender repeats a report whose answer was lost. The repeated report must change
// nothing.

/** A sender repeats a report for at most a minute. Older reports are forgotten. */
const MAX_REMEMBERED = 10_000;

export class AppliedReports {
  readonly #known = new Set<string>();

  isNew(report: string): boolean {
    return !this.#known.has(report);
  }

  /** Call this after the commit. A report whose transaction rolled back must be applied when the sender repeats
   * it. */
  add(reports: readonly string[]): void {
    if (this.#known.size >= MAX_REMEMBERED) this.#known.clear();
    for (const report of reports) this.#known.add(report);
  }
}
