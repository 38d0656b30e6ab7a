// Prints a run's progress. On a terminal it redraws one line. Elsewhere it prints a plain line for each change.
import type { RunStatus } from "../../src/contract/views.ts";

const BAR_CELLS = 30;
/** Without a terminal, the shortest interval between two lines. People read such a log later. */
const PLAIN_LINE_EVERY_MS = 2_000;

export class Progress {
  #lastPlainAt = 0;
  #lastStage = "";
  readonly #out: NodeJS.WriteStream;

  constructor(out: NodeJS.WriteStream = process.stdout) {
    this.#out = out;
  }

  show(status: RunStatus): void {
    const text = progressText(status);
    if (this.#out.isTTY) {
      this.#out.write(`\r\u001B[K${bar(status.progress)} ${text}`);
      return;
    }
    const now = Date.now();
    if (status.stage_code === this.#lastStage && now - this.#lastPlainAt < PLAIN_LINE_EVERY_MS) return;
    this.#lastStage = status.stage_code;
    this.#lastPlainAt = now;
    this.#out.write(`${text}\n`);
  }

  end(): void {
    if (this.#out.isTTY) this.#out.write("\n");
  }
}

function progressText(status: RunStatus): string {
  const { lines, files } = status;
  const done = files.closed ?? 0;
  const known = Object.values(files).reduce((total, count) => total + count, 0);
  const eta = status.eta_seconds === null ? "" : `, ${status.eta_seconds} s left`;
  return `${status.stage_code}: ${done}/${known} files, ${lines.sent}/${lines.kept} lines sent${eta}`;
}

function bar(progress: number): string {
  const filled = Math.round(Math.min(1, Math.max(0, progress)) * BAR_CELLS);
  return `[${"#".repeat(filled)}${".".repeat(BAR_CELLS - filled)}]`;
}
