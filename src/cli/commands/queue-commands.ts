// `queue`: the window queue. It contains windows, and the registry replays them one after the other.
import { randomUUID } from "node:crypto";
import type { QueueAnswer, QueueWindowsAnswer, WindowAnswer, WindowItem, WindowListAnswer } from "../../contract/api/api-types.ts"; // prettier-ignore
import { EXIT } from "../exit-codes.ts";
import { UsageFault } from "../faults.ts";
import { choiceFlag, flag, listFlag, noteFlag, numberFlag, YES, type Group } from "../program/commands.ts";
import type { Session } from "../session.ts";
import { outcomeText, queueText, windowText, WINDOW_HEADINGS, windowRow } from "../text/queue-text.ts";
import { table } from "../text/table.ts";
import { given, RECEIVER, RUN_OPTIONS, runFields, WINDOW_OPTIONS, windowFields, type RunOptions, type WindowOptions } from "./run-fields.ts"; // prettier-ignore
import { itemNumber } from "./verb-commands.ts";

const DEFAULT_LIMIT = 100;

interface AddOptions extends WindowOptions, RunOptions {
  window?: string[];
  last?: string;
  days?: string;
  fromCoverage?: boolean;
  reason: string;
  source?: string;
  priority?: string;
  notBefore?: string;
  maxAge?: string;
  maxAttempts?: number;
  dropOlderThan?: string;
  skipSent?: boolean;
  chunk?: string;
  order?: string;
  key?: string;
  yes?: boolean;
}

/** The options of commands about the queue of one receiver. The numbers of windows are those of one queue. */
interface OfQueue {
  receiver?: string;
  note?: string;
}

const ADD_OPTIONS = [
  listFlag("--window <START/END>", "a window whose end is outside; repeatable"),
  flag("--last <DURATION>", "a duration up to now, such as 12h"),
  flag("--days <N>", "so many days up to now; -1 for all"),
  flag("--from-coverage", "the holes between --start and --end"),
  flag("--reason <TEXT>", "why the windows are replayed; needed").makeOptionMandatory(),
  flag("--skip-sent", "leave out what earlier runs delivered"),
  flag("--chunk <DURATION>", "cut --last and --days into windows of this length"),
  choiceFlag("--order <ORDER>", "which window of --last and --days is first", [
    "oldest_first",
    "newest_first",
  ]),
  flag("--source <NAME>", "who reports the windows"),
  flag("--priority <N>", "a higher number starts earlier, -1000 to 1000"),
  flag("--not-before <TIME>", "start no earlier"),
  flag("--max-age <DURATION>", "how long a window may wait"),
  numberFlag("--max-attempts <N>", "give up after so many aborted runs", 1),
  flag("--drop-older-than <DURATION>", "drop windows that ended longer ago"),
  flag("--key <KEY>", "the Idempotency-Key (default: a new one)"),
];

export function addQueueCommands(group: Group): void {
  const queue = group.group("queue", "replay windows one after the other");

  queue.add<AddOptions>({
    usage: "add",
    summary: "queue windows; the queue starts a run for each",
    options: [...WINDOW_OPTIONS, ...ADD_OPTIONS, ...RUN_OPTIONS, YES],
    examples: [
      "logpush-backfill queue add --start 2026-04-22T14:00:00Z --end 2026-04-22T15:00:00Z --exclusive --reason outage --yes",
      "logpush-backfill queue add --days 7 --skip-sent --live skip_delivered --reason week-17 --yes",
      "logpush-backfill queue add --from-coverage --start 2026-04-22T00:00:00Z --end 2026-04-23T00:00:00Z --live skip_delivered --reason holes --yes",
    ],
    routes: ["POST /windows"],
    action: async (session, options) => {
      const body = addBody(session, options);
      await session.confirm("The queue sends these windows without asking again. Go on?", options.yes);
      const key = options.key ?? `cli-${randomUUID()}`;
      session.notice(`Idempotency-Key: ${key}`);
      const { body: answer } = await session.api.change<QueueWindowsAnswer>("POST", "/windows", {
        body,
        key,
      });
      const { outcomes, queue: state } = answer;
      session.show(
        answer,
        outcomes.map((one) => outcomeText(one, session.zone)),
      );
      for (const line of queueText(state, session.zone)) session.notice(line);
      return outcomes.every(({ outcome }) => outcome === "dropped") ? EXIT.failed : EXIT.done;
    },
  });

  queue.add<{ state?: string; receiver?: string; limit?: number; all?: boolean }>({
    usage: "list",
    summary: "list the windows of the queue",
    options: [
      RECEIVER,
      flag("--state <STATES>", "only windows in these states; queued shows the order of their starts"),
      numberFlag("--limit <N>", `at most N windows (default: ${DEFAULT_LIMIT})`, 1),
      flag("--all", "all windows"),
    ],
    examples: ["logpush-backfill queue list", "logpush-backfill queue list --state queued,blocked"],
    routes: ["GET /windows"],
    action: async (session, { state, receiver, limit, all }) => {
      const windows: WindowItem[] = [];
      let left = all ? Number.POSITIVE_INFINITY : (limit ?? DEFAULT_LIMIT);
      let cursor: string | null = null;
      let page: WindowListAnswer;
      do {
        page = await session.api.get<WindowListAnswer>("/windows", {
          state,
          receiver,
          limit: Math.min(left, 1_000),
          cursor,
        });
        windows.push(...page.items);
        left -= page.items.length;
        cursor = page.next_cursor;
      } while (cursor !== null && left > 0);
      if (session.isJson) windows.forEach((window) => session.json(window));
      else if (windows.length > 0) {
        const rows = windows.map((window) => windowRow(window, session.zone));
        session.lines(table(WINDOW_HEADINGS, rows, session.io.columns));
      }
      for (const line of queueText(page.queue, session.zone)) session.notice(line);
      if (cursor !== null) session.notice("there are more: --limit N or --all");
    },
  });

  queue.add<{ receiver?: string }>({
    usage: "show <ID>",
    summary: "show one window with its events",
    options: [RECEIVER],
    examples: ["logpush-backfill queue show 12"],
    routes: ["GET /windows/:id"],
    action: async (session, { receiver }, [id = ""]) => {
      const path = `/windows/${itemNumber("window", id)}`;
      const window = await session.api.get<WindowAnswer>(path, { receiver });
      session.show(window, windowText(window, session.zone));
    },
  });

  queue.add<OfQueue & { yes?: boolean }>({
    usage: "cancel <ID>",
    summary: "take a window out; the run of a running window is aborted",
    options: [RECEIVER, noteFlag(), YES],
    examples: ['logpush-backfill queue cancel 12 --note "not needed" --yes'],
    routes: ["DELETE /windows/:id"],
    action: async (session, { receiver, note, yes }, [id = ""]) => {
      const number = itemNumber("window", id);
      await session.confirm(`Cancel window ${number}? A run that works for it is aborted.`, yes);
      await changed(session, "DELETE", `/windows/${number}`, { body: given({ note }), query: { receiver } });
    },
  });

  queue.add<OfQueue & { before?: string; after?: string }>({
    usage: "move <ID>",
    summary: "let a window start before or after another",
    options: [
      flag("--before <ID>", "starts before this window").conflicts("after"),
      flag("--after <ID>", "starts after this window"),
      RECEIVER,
      noteFlag(),
    ],
    examples: ["logpush-backfill queue move 12 --before 9"],
    routes: ["POST /windows/:id/move"],
    action: async (session, { before, after, receiver, note }, [id = ""]) => {
      const other = before ?? after;
      if (other === undefined) throw new UsageFault("give --before ID or --after ID");
      const number = itemNumber("window", other);
      const body = { ...(before === undefined ? { after: number } : { before: number }), ...given({ note }) };
      const path = `/windows/${itemNumber("window", id)}/move`;
      await changed(session, "POST", path, { body, query: { receiver } });
    },
  });

  for (const [verb, summary] of [["pause", "start no further window"], ["resume", "start windows again"]] as const) {
    queue.add<OfQueue>({
      usage: verb,
      summary,
      options: [RECEIVER, noteFlag()],
      examples: [`logpush-backfill queue ${verb}`],
      routes: [`POST /windows/${verb}`],
      action: async (session, { receiver, note }) => {
        const change = { body: given({ note }), query: { receiver } };
        const { body: state } = await session.api.change<QueueAnswer>("POST", `/windows/${verb}`, change);
        session.show(state, queueText(state, session.zone));
      },
    });
  } // prettier-ignore
}

async function changed(
  session: Session,
  method: "POST" | "DELETE",
  path: string,
  change: { body: object; query: { receiver: string | undefined } },
): Promise<void> {
  const { body: window } = await session.api.change<WindowAnswer>(method, path, change);
  session.show(window, [`window ${window.id}: ${window.state}`]);
}

/** The body of POST /windows. The API checks which options may be combined. */
function addBody(session: Session, options: AddOptions): Record<string, unknown> {
  const { last, days, fromCoverage, start, end, exclusive } = options;
  const hasWindow = start !== undefined || end !== undefined;
  const windows = [
    ...(options.window ?? []).map((text) => windowIn(session, text)),
    ...(hasWindow && !fromCoverage ? [windowFields(session, options)] : []),
  ];
  if (fromCoverage && exclusive) throw new UsageFault("--exclusive does not apply to --from-coverage");
  return given({
    windows: windows.length > 0 ? windows : undefined,
    last,
    days: days === undefined ? undefined : signed("--days", days),
    from_coverage: fromCoverage ? windowFields(session, { ...given({ start, end }) }) : undefined,
    reason: options.reason,
    options: runFields(options),
    source: options.source,
    priority: options.priority === undefined ? undefined : signed("--priority", options.priority),
    not_before:
      options.notBefore === undefined ? undefined : session.instant("--not-before", options.notBefore),
    max_age: options.maxAge,
    max_attempts: options.maxAttempts,
    drop_older_than: options.dropOlderThan,
    skip_sent: options.skipSent,
    chunk: options.chunk,
    order: options.order,
  });
}

function windowIn(session: Session, text: string): Record<string, unknown> {
  const [start, end, ...rest] = text.split("/");
  if (start === undefined || end === undefined || rest.length > 0) {
    throw new UsageFault(`--window: expected START/END, not "${text}"`);
  }
  return windowFields(session, { start, end, exclusive: true });
}

function signed(name: string, text: string): number {
  if (/^-?\d{1,6}$/.test(text)) return Number(text);
  throw new UsageFault(`${name}: expected a whole number, not "${text}"`);
}
