// Decides when a run writes its next progress line, or its next line about what it waits for. Does no I/O. Keeps
// only its own state.

/** How often a working run writes its progress. */
const PROGRESS_EVERY_MS = 30_000;
/** How often a run that waits repeats its reason. */
const WAITING_EVERY_MS = 600_000;

/** What the next line is about. Null: the run has ended. */
export type LogTopic = { kind: "progress" } | { kind: "waiting"; reason: string } | null;

/** What survives an eviction, because a run that waits is often evicted. */
export interface KeptLog {
  progressAt: number;
  /** The reason in the newest waiting line. Null: the newest line was about progress. */
  waiting: { reason: string; at: number } | null;
}

export class ProgressLog {
  #kept: KeptLog;

  constructor(kept: KeptLog | null, now: number) {
    this.#kept = kept ?? { progressAt: now, waiting: null };
  }

  /** A reason that is new is due at once. A time in the future means that the clock was set back. */
  dueAt(topic: LogTopic, now: number): number | null {
    if (topic === null) return null;
    const { progressAt, waiting } = this.#kept;
    if (topic.kind === "progress") return Math.min(progressAt, now) + PROGRESS_EVERY_MS;
    return waiting?.reason === topic.reason ? Math.min(waiting.at, now) + WAITING_EVERY_MS : now;
  }

  wrote(topic: LogTopic, now: number): void {
    if (topic?.kind === "progress") this.#kept = { progressAt: now, waiting: null };
    else if (topic) this.#kept = { ...this.#kept, waiting: { reason: topic.reason, at: now } };
  }

  setBack(backMs: number): void {
    const { progressAt, waiting } = this.#kept;
    const moved = waiting && { ...waiting, at: waiting.at - backMs };
    this.#kept = { progressAt: progressAt - backMs, waiting: moved };
  }

  keep(): KeptLog {
    return this.#kept;
  }
}
