// Send reports that were applied. A sender repeats a report whose answer was lost, and a repeated report changes nothing.

/** A sender repeats a report for a minute at most, so that older reports may be forgotten. */
const MAX_REMEMBERED = 10_000;

export class AppliedReports {
  readonly #known = new Set<string>();

  isNew(report: string): boolean {
    return !this.#known.has(report);
  }

  /** Call after the commit: a report whose transaction rolled back must be applied when the sender repeats it. */
  add(reports: readonly string[]): void {
    if (this.#known.size >= MAX_REMEMBERED) this.#known.clear();
    for (const report of reports) this.#known.add(report);
  }
}
