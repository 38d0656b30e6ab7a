// Runs a whole listing without a Durable Object. The tasks are in a real SQLite. The pages come from a bucket in
// memory, in any order.
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import {
  beginPass,
  cutShortSome,
  endPass,
  isOver,
  nextTask,
  takePage,
  type PassTurn,
} from "../../src/listing/pass.ts";
import type { ListingState } from "../../src/listing/listing.ts";
import { frameOf, type FoundFile, type ListTask, type ListingSpec } from "../../src/listing/list-tasks.ts";
import { ListRows } from "../../durable-objects/backfill-run/ledger/list-task-rows.ts";
import { byBytes, listPage } from "./run-listing.ts";

const MIGRATIONS = join(import.meta.dirname, "../../durable-objects/backfill-run/migrations");
const SCHEMA = readdirSync(MIGRATIONS)
  .toSorted()
  .map((name) => readFileSync(join(MIGRATIONS, name), "utf8"));

export interface Limits {
  marginMs: number;
  lookbackMs: number;
}

/** The pages of a listing pass: how many keys each contains, and which requested page arrives next. */
export interface Answers {
  limit: (page: number) => number;
  /** Which of the `open` requested pages arrives now. */
  arrives?: (page: number, open: number) => number;
  /** How many pages are requested at a time. */
  atOnce?: number;
  /** Called after each page with the remaining tasks. */
  watch?: (tasks: ListTask[]) => void;
}

export interface Listed {
  files: FoundFile[];
  named: Map<string, string[]>;
  pages: number;
  /** How many of the pages searched folders that are not read. */
  looked: number;
  /** The limits of the last listing pass. */
  limits: Limits;
  lookAgainMs: number | null;
}

/** The run's tables, made by its migrations. */
export function listRows(): ListRows {
  const db = new DatabaseSync(":memory:");
  for (const sql of SCHEMA) db.exec(sql);
  const exec = (statement: string, ...values: (string | number | null)[]) => {
    const rows = db.prepare(statement).all(...values);
    return { toArray: () => rows };
  };
  return new ListRows({ exec } as never);
}

/** All tests share these rows, because every listing pass clears them first. */
const ROWS = listRows();

/** Runs one listing pass, as a run's Durable Object does. Between pages, the state is stored as JSON and read
 * again. */
export function listAll(
  keys: readonly string[],
  spec: ListingSpec,
  limits: Limits,
  { limit, arrives = () => 0, atOnce = 1, watch }: Answers,
): Listed {
  const rows = ROWS;
  const sorted = keys.toSorted(byBytes);
  const frame = frameOf(spec, limits.marginMs, limits.lookbackMs);
  let state = beginPass(rows, null, frame, "take", 0);
  const named = new Map<string, string[]>();
  const listed: Listed = {
    files: [], named, pages: 0, looked: 0, limits, lookAgainMs: null,
  }; // prettier-ignore
  const take = (turn: PassTurn): void => {
    state = JSON.parse(JSON.stringify(turn.state)) as ListingState;
    listed.files.push(...turn.files);
    for (const { kind, keys: some } of turn.named) named.set(kind, [...(named.get(kind) ?? []), ...some]);
  };
  const open: ListTask[] = [];
  while (!isOver(rows)) {
    if (listed.pages > 20_000) throw new Error("the listing does not end");
    while (open.length < atOnce) {
      const task = nextTask(rows, state, open);
      if (task) open.push(task);
      else {
        const cut = cutShortSome(rows, state, frame, open);
        if (!cut) break;
        take(cut);
      }
    }
    if (open.length === 0) continue;
    const [asked] = open.splice(arrives(listed.pages, open.length) % open.length, 1);
    if (!asked) throw new Error("there are tasks, and none to list");
    const taken = takePage(rows, state, frame, asked, listPage(sorted, asked, limit(listed.pages)), open);
    if (!taken) throw new Error("a page that was asked for means nothing");
    take(taken);
    listed.pages += 1;
    if (watch) watch(rows.some({ from: 0, to: Number.MAX_SAFE_INTEGER }, 10_000));
  }
  const end = endPass(state, frame);
  take(end);
  return { ...listed, looked: end.state.looked ?? 0, lookAgainMs: end.lookAgainMs };
}

/** Runs listing passes until no pass needs a longer lookback. Returns the result of the last pass. */
export function listFully(
  keys: readonly string[],
  spec: ListingSpec,
  limits: Limits,
  answers: Answers,
): Listed {
  const listed = listAll(keys, spec, limits, answers);
  if (listed.lookAgainMs === null) return listed;
  return listFully(keys, spec, { ...limits, lookbackMs: listed.lookAgainMs }, answers);
}
