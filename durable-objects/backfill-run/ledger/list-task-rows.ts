// The remaining tasks of a listing pass, one row for each task. This file decides which task is next: the task
// with the lowest turn. list-tasks.ts explains the tasks.
import { all, first, type Sql } from "../../../src/platform/sql.ts";
import type { ListTask, TaskKind, Turns } from "../../../src/listing/list-tasks.ts";

type TaskRow = {
  turn: number;
  prefix: string;
  start_after: string;
  task: number;
  kind: TaskKind;
  stop_at: string | null;
  named: number;
};

export class ListRows {
  readonly #sql: Sql;

  constructor(sql: Sql) {
    this.#sql = sql;
  }

  /** Stores tasks: the first tasks of a listing pass, the tasks that replace a task after a page, and the folders
   * on a page. */
  add(tasks: readonly ListTask[]): void {
    if (tasks.length === 0) return;
    const rows = tasks.map((task) => [
      task.turn,
      task.prefix,
      task.startAfter ?? "",
      task.task,
      task.kind,
      task.stopAt,
      task.isNamed ? 1 : 0,
    ]);
    this.#sql.exec(
      `INSERT OR IGNORE INTO list_tasks (turn, prefix, start_after, task, kind, stop_at, named)
       SELECT value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4, value ->> 5, value ->> 6
       FROM json_each(?)`,
      JSON.stringify(rows),
    );
  }

  /** The first task of which no page is being read now. `spared`: leaves out a key range that directly follows a
   * task whose page is being read. This page may show that the two key ranges become one task again. */
  next(turns: Turns, underWay: readonly number[], spared: boolean): ListTask | null {
    const ids = JSON.stringify(underWay);
    const sparing = `AND NOT EXISTS (
      SELECT 1 FROM list_tasks u WHERE u.turn = t.turn AND u.prefix = t.prefix AND u.stop_at = t.start_after
        AND u.task IN (SELECT value FROM json_each(?)))`;
    const row = first<TaskRow>(
      this.#sql,
      `SELECT * FROM list_tasks t WHERE turn BETWEEN ? AND ? AND task NOT IN (SELECT value FROM json_each(?))
       ${spared ? sparing : ""} ORDER BY turn, prefix, start_after LIMIT 1`,
      turns.from,
      turns.to,
      ids,
      ...(spared ? [ids] : []),
    );
    return row ? taskOf(row) : null;
  }

  /** The stored task, if its cursor has not changed since `asked` was read. */
  asListed(asked: ListTask): ListTask | null {
    const found = this.#at(asked, asked.startAfter ?? "");
    return found?.task === asked.task ? found : null;
  }

  /** The task whose key range begins where the range of `segment` ends. Null: there is no such task, or one of its pages
   * was read. */
  behind(segment: ListTask): ListTask | null {
    return segment.stopAt === null ? null : this.#at(segment, segment.stopAt);
  }

  /** The task that begins at this key. Called when a page has arrived, for its task and for the key ranges after
   * the task. */
  #at({ turn, prefix }: ListTask, startAfter: string): ListTask | null {
    const row = first<TaskRow>(
      this.#sql,
      "SELECT * FROM list_tasks WHERE turn = ? AND prefix = ? AND start_after = ?",
      turn,
      prefix,
      startAfter,
    );
    return row ? taskOf(row) : null;
  }

  /** Deletes a task whose page was stored. */
  remove({ turn, prefix, startAfter }: ListTask): void {
    this.#sql.exec(
      "DELETE FROM list_tasks WHERE turn = ? AND prefix = ? AND start_after = ?",
      turn,
      prefix,
      startAfter ?? "",
    );
  }

  /** The first remaining tasks. Called when the page budget of the listing pass is used up. */
  some(turns: Turns, limit: number): ListTask[] {
    return all<TaskRow>(
      this.#sql,
      "SELECT * FROM list_tasks WHERE turn BETWEEN ? AND ? ORDER BY turn, prefix, start_after LIMIT ?",
      turns.from,
      turns.to,
      limit,
    ).map(taskOf);
  }

  /** Deletes all tasks. Called when a new listing pass begins. */
  clear(): void {
    this.#sql.exec("DELETE FROM list_tasks");
  }
}

function taskOf({ task, kind, prefix, start_after, stop_at, turn, named }: TaskRow): ListTask {
  return {
    task,
    kind,
    prefix,
    startAfter: start_after === "" ? null : start_after,
    stopAt: stop_at,
    turn,
    isNamed: named === 1,
  };
}
