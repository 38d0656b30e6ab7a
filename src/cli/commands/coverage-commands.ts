// `coverage`: shows which windows the live worker did not deliver, according to its markers in the bucket. Also the
// commands of the watch for holes.
import type { AutoReplayAnswer, CoverageAnswer, CoverageFilesAnswer } from "../../contract/api/api-types.ts";
import { EXIT } from "../exit-codes.ts";
import { UsageFault } from "../faults.ts";
import { durationFlag, flag, noteFlag, YES, type Group } from "../program/commands.ts";
import type { Session } from "../session.ts";
import { autoReplayText, coverageFilesText, coverageText } from "../text/coverage-text.ts";
import { isoSecond } from "../text/instants.ts";
import { WINDOW_OPTIONS, type WindowOptions } from "./run-fields.ts";

const CELL_MS = 300_000;
const DAY_MS = 86_400_000;
const RANGE_OPTIONS = [durationFlag("--last <DURATION>", "up to now, such as 24h (the default) or 7d"), ...WINDOW_OPTIONS.slice(0, 2)]; // prettier-ignore

interface RangeOptions extends Pick<WindowOptions, "start" | "end"> {
  /** In milliseconds. */
  last?: number;
}

interface CoverageOptions extends RangeOptions {
  exact?: boolean;
  exitCode?: boolean;
  wait?: boolean;
  columns?: boolean;
  receiver?: string;
}

export function addCoverageCommands(group: Group): void {
  const coverage = group.groupWith<CoverageOptions>({
    usage: "coverage",
    summary: "show which window the live worker left out",
    options: [
      ...RANGE_OPTIONS,
      flag("--exact", "count the markers of every file"),
      flag("--columns", "figures by cell, with --json"),
      flag("--receiver <NAME>", "list the runs of this receiver (default: the first receiver)"),
      flag("--exit-code", "exit with 10 when there are holes"),
      flag("--no-wait", "show what is known, and do not wait for the rest"),
    ],
    examples: [
      "logpush-backfill coverage --last 24h",
      "logpush-backfill coverage --start 2026-04-22T00:00:00Z --end 2026-04-23T00:00:00Z --exact --exit-code",
    ],
    routes: ["GET /coverage"],
    action: async (session, options) => {
      const query = {
        ...rangeOf(session, options),
        detail: options.exact ? "exact" : "presence",
        columns: options.columns === true,
        receiver: options.receiver,
      };
      const look = () => session.api.get<CoverageAnswer>("/coverage", query);
      const view = options.wait === false ? await look() : await whole(session, look);
      session.show(view, coverageText(view, session.zone));
      return options.exitCode === true && view.holes.length > 0 ? EXIT.holes : EXIT.done;
    },
  });

  coverage.add<RangeOptions>({
    usage: "files",
    summary: "show by file what was delivered, for an hour at most",
    options: [...RANGE_OPTIONS],
    examples: ["logpush-backfill coverage files --start 2026-04-22T14:00:00Z --end 2026-04-22T14:50:00Z"],
    routes: ["GET /coverage/files"],
    action: async (session, options) => {
      const range = rangeOf(session, options);
      const view = await whole(session, () => session.api.get<CoverageFilesAnswer>("/coverage/files", range));
      session.show(view, coverageFilesText(view, session.zone, session.io.columns));
    },
  });

  coverage.add<RangeOptions & { exact?: boolean }>({
    usage: "refresh",
    summary: "list a range again, and count it again",
    options: [...RANGE_OPTIONS, flag("--exact", "count the markers of every file")],
    examples: ["logpush-backfill coverage refresh --last 24h"],
    routes: ["POST /coverage/refresh"],
    action: async (session, options) => {
      const body = { ...rangeOf(session, options), ...(options.exact && { detail: "exact" }) };
      const { body: view } = await session.api.change<CoverageAnswer>("POST", "/coverage/refresh", { body });
      session.show(view, [`${view.start} – ${view.end} is looked at again`]);
      session.notice(`next: logpush-backfill coverage --start ${view.start} --end ${view.end}`);
    },
  });

  const watching = group.groupWith({
    usage: "auto-replay",
    summary: "show what watching for holes found",
    examples: ["logpush-backfill auto-replay"],
    routes: ["GET /auto-replay"],
    action: async (session) => {
      const view = await session.api.get<AutoReplayAnswer>("/auto-replay");
      session.show(view, autoReplayText(view, session.zone, session.io.columns));
    },
  });

  const set = watching.add<{ note?: string; yes?: boolean }>({
    usage: "set",
    summary: "switch watching for holes: off, propose or queue",
    options: [noteFlag(), YES],
    examples: [
      'logpush-backfill auto-replay set propose --note "week of the move"',
      "logpush-backfill auto-replay set queue --yes",
    ],
    routes: ["POST /auto-replay"],
    action: async (session, { note, yes }, [mode = ""]) => {
      if (mode === "queue") await session.confirm("Holes are then replayed without asking. Go on?", yes);
      const body = { mode, ...(note !== undefined && { note }) };
      const { body: view } = await session.api.change<AutoReplayAnswer>("POST", "/auto-replay", { body });
      session.show(view, autoReplayText(view, session.zone, session.io.columns));
    },
  });
  set.addArgument(set.createArgument("<MODE>").choices(["off", "propose", "queue"]));
}

/** The range of the options. Without options, the last 24 hours. */
function rangeOf(session: Session, { last, start, end }: RangeOptions): { start: string; end: string } {
  if (start === undefined && end === undefined) {
    const now = Math.floor(session.io.now() / CELL_MS) * CELL_MS;
    return { start: isoSecond(now - (last ?? DAY_MS)), end: isoSecond(now) };
  }
  if (last !== undefined) throw new UsageFault("--last excludes --start and --end");
  if (start === undefined || end === undefined) throw new UsageFault("--start and --end go together");
  return { start: session.instant("--start", start), end: session.instant("--end", end) };
}

/** Repeats the request until the answer covers the whole range. */
async function whole<View extends { complete: boolean; retry_after_ms: number | null }>(
  session: Session,
  look: () => Promise<View>,
): Promise<View> {
  for (let isFirst = true; ; isFirst = false) {
    const view = await look();
    if (view.complete) return view;
    if (isFirst) session.notice("coverage looks at the bucket; waiting (--no-wait shows what is known)");
    await session.io.wait(view.retry_after_ms ?? 1_000, session.signal);
  }
}
