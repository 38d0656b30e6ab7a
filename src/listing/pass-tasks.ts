// Keeps the tasks of a listing pass in one value. Coverage stores this value with each page, and a plan keeps it in
// memory. The newest days come first. Does no I/O.
import { keyOrder } from "./log-names.ts";
import { EARLY_TURN, WALK_TURN, type ListTask, type Turns } from "./list-tasks.ts";
import type { TaskRows } from "./pass.ts";

export class PassTasks implements TaskRows {
  #tasks: ListTask[];

  constructor(tasks: readonly ListTask[]) {
    this.#tasks = [...tasks];
  }

  get all(): ListTask[] {
    return this.#tasks;
  }

  /** Adds tasks. Leaves out folders that a run would only search, because none of their files is a file of a
   * run. */
  add(tasks: readonly ListTask[]): void {
    for (const task of tasks) {
      if (task.kind !== "look" && !this.#at(task, task.startAfter)) this.#tasks.push(task);
    }
  }

  next(turns: Turns, underWay: readonly number[], spared: boolean): ListTask | null {
    const busy = this.#tasks.filter(({ task }) => underWay.includes(task));
    const isFree = (task: ListTask): boolean =>
      !underWay.includes(task.task) && !(spared && busy.some((one) => isBehind(one, task)));
    return this.#in(turns).find(isFree) ?? null;
  }

  asListed(asked: ListTask): ListTask | null {
    const found = this.#at(asked, asked.startAfter);
    return found?.task === asked.task ? found : null;
  }

  behind(segment: ListTask): ListTask | null {
    return segment.stopAt === null ? null : this.#at(segment, segment.stopAt);
  }

  remove({ task }: ListTask): void {
    this.#tasks = this.#tasks.filter((one) => one.task !== task);
  }

  some(turns: Turns, limit: number): ListTask[] {
    return this.#in(turns).slice(0, limit);
  }

  clear(): void {
    this.#tasks = [];
  }

  #in({ from, to }: Turns): ListTask[] {
    return this.#tasks.filter(({ turn }) => turn >= from && turn <= to).sort(newestFirst);
  }

  #at({ turn, prefix }: ListTask, startAfter: string | null): ListTask | null {
    return (
      this.#tasks.find(
        (one) => one.turn === turn && one.prefix === prefix && one.startAfter === startAfter,
      ) ?? null
    );
  }
}

function isBehind(busy: ListTask, task: ListTask): boolean {
  return busy.turn === task.turn && busy.prefix === task.prefix && busy.stopAt === task.startAfter;
}

/** The order of tasks. `walk` tasks come first, because they find the folders. Then come the tasks of listed days,
 * then those of early days. */
function newestFirst(a: ListTask, b: ListTask): number {
  return (
    rankOf(a) - rankOf(b) ||
    b.turn - a.turn ||
    keyOrder(a.prefix, b.prefix) ||
    keyOrder(a.startAfter ?? "", b.startAfter ?? "")
  );
}

function rankOf({ turn }: ListTask): number {
  if (turn === WALK_TURN) return 0;
  return turn >= EARLY_TURN ? 2 : 1;
}
