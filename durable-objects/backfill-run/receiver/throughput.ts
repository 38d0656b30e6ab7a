// Counts the lines delivered in the last ten seconds, for the rate in the status. Does no I/O. The counts are only in
// memory, so an eviction loses them.

const WINDOW_MS = 10_000;
/** The most entries of the list. Beyond this number, old entries are removed, so that the list stays small when no
 * one reads the status. */
const MAX_ENTRIES = 10_000;

export class Throughput {
  #delivered: { at: number; lines: number }[] = [];

  delivered(lines: number, now: number): void {
    if (lines === 0) return;
    if (this.#delivered.length > MAX_ENTRIES) this.#prune(now);
    this.#delivered.push({ at: now, lines });
  }

  linesPerSecond(now: number): number {
    this.#prune(now);
    const oldest = this.#delivered[0]?.at ?? now;
    const lines = this.#delivered.reduce((sum, entry) => sum + entry.lines, 0);
    return (lines * 1_000) / Math.max(1_000, now - oldest);
  }

  setBack(backMs: number, now: number): void {
    this.#delivered = this.#delivered.map((entry) => ({ ...entry, at: Math.min(now, entry.at - backMs) }));
  }

  #prune(now: number): void {
    this.#delivered = this.#delivered.filter((entry) => now - entry.at <= WINDOW_MS);
  }
}
