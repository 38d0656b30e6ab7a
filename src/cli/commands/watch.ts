// `watch`: shows the progress of a run until the run reaches a stage. Continues after a lost connection and during
// a deployment of the Worker.
import type { RunStatusAnswer } from "../../contract/api/api-types.ts";
import { EXIT, exitOfWatch, UNTIL, type Exit, type Until } from "../exit-codes.ts";
import { InterruptedFault, TimedOutFault } from "../faults.ts";
import { choiceFlag, flag, type Group } from "../program/commands.ts";
import type { Session } from "../session.ts";
import { nextStep } from "../text/next-steps.ts";
import { progressLine } from "../text/progress-line.ts";
import { sentAgainText } from "../text/run-text.ts";
import { safe } from "../text/safe-text.ts";

/** The first requests follow each other quickly, because a small run ends within seconds. */
const FIRST_POLL_MS = 250;
const LONGEST_POLL_MS = 2_000;
const SLOWER = 1.3;
const ERASE_LINE = "\r\u001b[K";

export interface WatchOptions {
  until: Until;
  strict?: boolean;
}

const UNTIL_OPTION = choiceFlag("--until <STAGE>", "what to wait for", UNTIL).default("delivered");
export const STRICT = flag("--strict", "exit with 8 when the run is delivered with exceptions");

export function addWatchCommand(group: Group): void {
  group.add<WatchOptions>({
    usage: "watch <RUN>",
    summary: "follow a run until it is delivered, needs a person, or is cleaned up",
    options: [UNTIL_OPTION, STRICT],
    examples: [
      "logpush-backfill watch active",
      "logpush-backfill watch 20260422T14 --until cleaned --timeout 6h",
      "logpush-backfill watch active --strict --json",
    ],
    routes: ["GET /runs/:id"],
    action: async (session, options, [run = ""]) => watchRun(session, await session.run(run), options),
  });
}

export async function watchRun(session: Session, id: string, { until, strict }: WatchOptions): Promise<Exit> {
  const screen = new Screen(session);
  let wait = FIRST_POLL_MS;
  let last: RunStatusAnswer | null = null;
  try {
    for (;;) {
      last = await session.api.getPatiently<RunStatusAnswer>(`/runs/${id}`);
      screen.show(last);
      const exit = exitOfWatch(last, until, strict === true);
      if (exit !== null) {
        screen.clear();
        ended(session, last, exit);
        return exit;
      }
      await session.io.wait(wait, session.signal);
      wait = Math.min(wait * SLOWER, LONGEST_POLL_MS);
    }
  } catch (error) {
    screen.clear();
    if (!session.signal.aborted) throw error;
    const next = `logpush-backfill watch ${id}`;
    if (session.signal.reason instanceof InterruptedFault) {
      throw new InterruptedFault(`interrupted; the run ${id} goes on`, next);
    }
    const at = last === null ? "its status is unknown" : `it is ${last.stage_code}`;
    throw new TimedOutFault(
      `the time is over; ${at}, and the run ${id} goes on`,
      last?.stage_code ?? null,
      next,
    );
  }
}

function ended(session: Session, status: RunStatusAnswer, exit: Exit): void {
  if (!session.isJson) session.line(safe(`${status.id}: ${status.summary}`));
  const sentAgain = sentAgainText(status);
  if (sentAgain !== null) session.notice(sentAgain);
  const step = exit === EXIT.done ? null : nextStep(status);
  if (step !== null) session.notice(safe(`next: ${step}`));
}

/** Shows the progress: as one line on a terminal, or with --json as one document for each change. */
class Screen {
  readonly #session: Session;
  #stage: string | null = null;
  #shown = "";
  #hasLine = false;

  constructor(session: Session) {
    this.#session = session;
  }

  show(status: RunStatusAnswer): void {
    const { io, isJson, flags, zone } = this.#session;
    if (isJson) {
      // This member differs in every answer, so it must not count as a change.
      const text = JSON.stringify({ ...status, last_refresh_beijing: "" });
      if (text !== this.#shown) this.#session.json(status);
      this.#shown = text;
    }
    if (!io.errIsTty || flags.quiet === true) return;
    if (this.#stage !== null && this.#stage !== status.stage_code) {
      this.clear();
      io.err(`${safe(status.summary)}\n`);
    }
    this.#stage = status.stage_code;
    io.err(ERASE_LINE + progressLine(status, io.now(), zone, io.errColumns ?? 80));
    this.#hasLine = true;
  }

  clear(): void {
    if (this.#hasLine) this.#session.io.err(ERASE_LINE);
    this.#hasLine = false;
  }
}
