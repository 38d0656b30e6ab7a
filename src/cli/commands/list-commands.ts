// The commands that list parts of one run: files, batches, events, malformed lines, and the ledger.
import type {
  BatchItem,
  EventItem,
  FileItem,
  MalformedLine,
  SampleAnswer,
} from "../../contract/api/api-types.ts";
import { pagesOf } from "../api/pages.ts";
import { flag, numberFlag, type Group } from "../program/commands.ts";
import type { Session } from "../session.ts";
import { shownInstant, shownSpan } from "../text/instants.ts";
import { safe, safeJson } from "../text/safe-text.ts";
import { table, type Cell } from "../text/table.ts";

const DEFAULT_LIMIT = 100;

interface ListOptions {
  state?: string;
  limit?: number;
  all?: boolean;
}

interface List<Item> {
  headings: string[];
  row: (item: Item, zone: string) => Cell[];
}

const LIMITS = [
  numberFlag("--limit <N>", `at most N rows (default: ${DEFAULT_LIMIT})`, 1),
  flag("--all", "all rows"),
];

const FILES: List<FileItem> = {
  headings: ["FILE", "STATE", "RANGE", "LINES KEPT", "UNSETTLED", "REASON", "KEY"],
  row: ({ file, state, range, lines, batches, reason, key }, zone) =>
    [file, state, shownSpan(range.start, range.end, zone), lines?.kept ?? null, batches.unsettled, reason ?? "", key],
}; // prettier-ignore

const BATCHES: List<BatchItem> = {
  headings: ["BATCH", "STATE", "FILE", "LINES", "ATTEMPTS", "STATUS", "REASON"],
  row: ({ batch, state, file, lines, attempts, answer_status: status, reason }) =>
    [batch, state, file, lines, attempts, status, reason ?? ""],
}; // prettier-ignore

const EVENTS: List<EventItem> = {
  headings: ["EVENT", "AT", "ACTOR", "KIND", "DETAIL"],
  row: ({ event, at, actor, kind, detail }, zone) => [
    event,
    shownInstant(at, zone),
    actor,
    kind,
    safeJson(detail),
  ],
};

const MALFORMED: List<MalformedLine> = {
  headings: ["SAMPLE", "FILE", "LINE", "REASON", "BYTES"],
  row: ({ sample, file, line, reason, bytes }) => [sample, file, line, reason, bytes],
};

export function addListCommands(group: Group): void {
  const stateFlag = flag("--state <STATES>", "only rows in these states, with commas between");
  addList(
    group,
    "files",
    "list the files of a run",
    FILES,
    [stateFlag],
    [
      "logpush-backfill files active --state failed,missing,changed,suspicious",
      "logpush-backfill files 20260422T14 --all --json",
    ],
  );
  addList(
    group,
    "batches",
    "list the batches of a run",
    BATCHES,
    [stateFlag],
    ["logpush-backfill batches active --state held,refused"],
  );
  addList(
    group,
    "events",
    "list the audit trail of a run, oldest first",
    EVENTS,
    [],
    ["logpush-backfill events active --all"],
  );
  addList(
    group,
    "samples",
    "list lines that could not be read",
    MALFORMED,
    [],
    ["logpush-backfill samples active"],
  );

  group.add<{ lines?: number }>({
    usage: "sample <RUN>",
    summary: "show lines as the receiver gets them",
    options: [numberFlag("-n, --lines <N>", "so many lines (default: 10)", 1)],
    examples: ["logpush-backfill sample active -n 3"],
    routes: ["GET /runs/:id/sample"],
    action: async (session, { lines }, [run = ""]) => {
      const sample = await session.api.get<SampleAnswer>(`/runs/${await session.run(run)}/sample`, {
        n: lines,
      });
      session.show(
        sample,
        sample.items.map(({ text }) => safe(text)),
      );
      for (const { key, reason } of sample.unread) session.notice(safe(`${key}: ${reason}`));
    },
  });
}

function addList<Item>(
  group: Group,
  name: string,
  summary: string,
  list: List<Item>,
  options: ReturnType<typeof flag>[],
  examples: string[],
): void {
  group.add<ListOptions>({
    usage: `${name} <RUN>`,
    summary,
    options: [...options, ...LIMITS],
    examples,
    routes: [`GET /runs/:id/${name}`],
    action: async (session, given, [run = ""]) => {
      const path = `/runs/${await session.run(run)}/${name}`;
      await printList(session, path, list, given);
    },
  });
}

/** Prints the items of a list. With --json, prints each page when it arrives. A table is printed at the end,
 * because its column widths depend on all rows. */
async function printList<Item>(
  session: Session,
  path: string,
  { headings, row }: List<Item>,
  { state, limit, all }: ListOptions,
): Promise<void> {
  const most = all ? null : (limit ?? DEFAULT_LIMIT);
  const rows: Cell[][] = [];
  let hasMore = false;
  for await (const page of pagesOf<Item>(session.api, path, { state }, most)) {
    hasMore = page.hasMore;
    if (session.isJson) page.items.forEach((item) => session.json(item));
    else rows.push(...page.items.map((item) => row(item, session.zone)));
  }
  if (rows.length > 0) session.lines(table(headings, rows, session.io.columns));
  else if (!session.isJson) session.notice("no row matches");
  if (hasMore) session.notice("there are more: --limit N or --all");
}
