// Lists the raw files of some hours with the rules of a run's listing, and replaces the files of each hour's row.
import { frameOf, type FoundFile, type Frame, type ListTask } from "../../../src/listing/list-tasks.ts";
import type { ListingState } from "../../../src/listing/listing.ts";
import { beginPass, cutShortSome, endPass, isOver, nextTask, takePage } from "../../../src/listing/pass.ts";
import { factsOf } from "../rules/cells.ts";
import { byStart, keptMarks, verdictsOf, type CoveredFile, type Marks } from "../rules/covered-files.ts";
import { hoursOf } from "../rules/hours.ts";
import { LISTS_AT_ONCE } from "../rules/marker-lists.ts";
import { PassTasks } from "../../../src/listing/pass-tasks.ts";
import { rowOf } from "../rules/next-work.ts";
import { mayList, saveWork, type Budget, type Tools, type Work } from "./context.ts";
import { inParallel } from "./in-parallel.ts";
import { HOUR_MS } from "../../../src/contract/time-units.ts";

type RawWork = Extract<Work, { do: "raw" }>;
type StoreWork = Extract<Work, { do: "store" }>;

export function beginRaw({ store, settings, now }: Tools, hours: number[]): void {
  store.transaction(() => {
    store.clearStaged("staged_files");
    const { lookbackMs } = settings;
    saveWork(store, { do: "raw", hours, rawAt: now(), lookbackMs, listing: null, tasks: [], pages: 0 });
  });
}

/** Lists raw files until the listing pass is over or the turn ends. */
export async function listRaw(tools: Tools, work: RawWork, budget: Budget): Promise<void> {
  const pass = new RawPass(tools, work);
  const underWay = new Set<ListTask>();
  const listOne = async (task: ListTask): Promise<void> => {
    underWay.add(task);
    try {
      const page = await tools.lister.raw(task);
      underWay.delete(task);
      pass.take((state, rows) => takePage(rows, state, pass.frame, task, page, [...underWay]));
    } finally {
      underWay.delete(task);
    }
  };
  let hasMoved = false;
  await inParallel(LISTS_AT_ONCE, () => {
    if (!mayList(tools, budget)) return null;
    hasMoved = true;
    for (;;) {
      const task = nextTask(pass.tasks, pass.state, [...underWay]);
      if (task) return listOne(task);
      const isCut = pass.take((state, rows) => cutShortSome(rows, state, pass.frame, [...underWay]));
      if (!isCut) return null;
    }
  });
  if (isOver(pass.tasks)) pass.end();
  else if (hasMoved && mayList(tools, budget))
    throw new Error("the listing pass has tasks that no step lists");
}

/** The listing pass in memory. Each change is stored at once. */
class RawPass {
  readonly tasks: PassTasks;
  readonly frame: Frame;
  state: ListingState;
  readonly #tools: Tools;
  readonly #work: RawWork;
  #pages: number;

  constructor(tools: Tools, work: RawWork) {
    const { logPrefix, singleStampSpanMs } = tools.settings;
    const { startMs, endMs } = spanOf(work.hours);
    const spec = { startMs, endMs: endMs - 1, logPrefix, folders: [], singleStampSpanMs };
    this.frame = frameOf(spec, 0, work.lookbackMs);
    this.tasks = new PassTasks(work.tasks);
    this.state = work.listing ?? beginPass(this.tasks, null, this.frame, "take", work.rawAt);
    this.#tools = tools;
    this.#work = work;
    this.#pages = work.pages;
  }

  /** Stores what a page or the end of the page budget changes. False: nothing has changed. */
  take(
    turn: (state: ListingState, rows: PassTasks) => { state: ListingState; files: FoundFile[] } | null,
  ): boolean {
    const { store } = this.#tools;
    return store.transaction(() => {
      const taken = turn(this.state, this.tasks);
      if (!taken) return false;
      this.state = taken.state;
      this.#stage(taken.files);
      const { tasks, state: listing } = this;
      saveWork(store, { ...this.#work, listing, tasks: tasks.all, pages: this.#pages });
      return true;
    });
  }

  /** Ends the listing pass. If longer files of earlier hours may overlap the hours, begins the pass again. */
  end(): void {
    const { store } = this.#tools;
    const { rawAt, hours } = this.#work;
    store.transaction(() => {
      const { files, lookAgainMs } = endPass(this.state, this.frame);
      if (lookAgainMs === null) {
        this.#stage(files);
        saveWork(store, { do: "store", rawAt, hours: hours.toReversed() });
        return;
      }
      store.clearStaged("staged_files");
      const again = { lookbackMs: lookAgainMs, listing: null, tasks: [], pages: 0 };
      saveWork(store, { ...this.#work, ...again });
    });
  }

  #stage(files: readonly FoundFile[]): void {
    const { startMs, endMs } = spanOf(this.#work.hours);
    const byHour = new Map<number, CoveredFile[]>();
    for (const { key, size, uploadedAt, rangeStart, rangeEnd } of files) {
      const file = { key, size, uploadedAt, startMs: rangeStart, endMs: rangeEnd, marks: "unknown" as const };
      const inside = { startMs: Math.max(rangeStart, startMs), endMs: Math.min(rangeEnd, endMs) };
      if (rangeStart >= endMs || Math.max(rangeEnd, rangeStart + 1) <= startMs) continue;
      for (const hour of hoursOf(inside)) {
        const some = byHour.get(hour);
        if (some) some.push(file);
        else byHour.set(hour, [file]);
      }
    }
    for (const [hour, some] of byHour) {
      this.#tools.store.stageFiles(hour, this.#pages, some);
      this.#pages += 1;
    }
  }
}

function spanOf(hours: readonly number[]): { startMs: number; endMs: number } {
  const [first = 0, last = first] = [hours[0], hours.at(-1)];
  return { startMs: first * HOUR_MS, endMs: (last + 1) * HOUR_MS };
}

/** Replaces the files of the next hour. */
export function storeHour({ store, settings }: Tools, work: StoreWork, budget: Budget): void {
  const [hour, ...left] = work.hours;
  store.transaction(() => {
    saveWork(store, left.length > 0 ? { ...work, hours: left } : null);
    if (hour === undefined) return;
    const known = rowOf(new Map(store.hours(hour, hour).map((row) => [row.hour, row])), hour);
    const isRefresh = known.rawAt === null || known.rawAt < known.dueAt;
    const marks = isRefresh
      ? new Map<string, Marks>()
      : marksToKeep(store.files(hour), known.rawAt ?? 0, settings.settleMs);
    const listed = new Map(store.stagedFiles(hour).map((file) => [file.key, file]));
    const files = [...listed.values()]
      .map((file) => ({ ...file, marks: marks.get(identityOf(file)) ?? file.marks }))
      .sort(byStart);
    budget.files -= files.length;
    const unknown = files.filter((file) => file.marks === "unknown").length;
    store.saveFiles(hour, files);
    store.saveRaw(hour, work.rawAt, unknown);
    if (unknown === 0) store.saveFacts(hour, factsOf(hour, files, known.facts?.orphans ?? 0), 0);
    store.clearStaged("staged_files", hour);
  });
}

function marksToKeep(files: readonly CoveredFile[], lookedAt: number, settleMs: number): Map<string, Marks> {
  const verdicts = verdictsOf(files);
  return new Map(
    files.map((file, n) => [identityOf(file), keptMarks(file, verdicts[n] ?? "unknown", lookedAt, settleMs)]),
  );
}

/** A text that identifies a file. A file that was written again is another file. */
function identityOf({ key, size, uploadedAt }: CoveredFile): string {
  return `${size} ${uploadedAt} ${key}`;
}
