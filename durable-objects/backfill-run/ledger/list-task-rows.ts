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
    // Used for a new listing pass, for the tasks that replace a task after a page, and for folders on that page.
    this.#sql.exec(
      `INSERT OR IGNORE INTO list_tasks (turn, prefix, start_after, task, kind, stop_at, named)
       SELECT value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4, value ->> 5, value ->> 6
       FROM json_each(?)`,
      JSON.stringify(rows),
    );
  }

  /** The first task that no list is reading now. `spared`: leaves out key ranges that follow such a task, because
   * the task's page may join them to the task again. */
  next(turns: Turns, underWay: readonly number[], spared: boolean): ListTask | null {
    const ids = JSON.stringify(underWay);
    const sparing = `AND NOT EXISTS (
      SELECT 1 FROM list_tasks u WHERE u.turn = t.turn AND u.prefix = t.prefix AND u.stop_at = t.start_after
        AND u.task IN (SELECT value FROM json_each(?)))`;
    // Used for the next list.
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

  /** The task's row, if the task has not moved on. */
  asListed(asked: ListTask): ListTask | null {
    const found = this.#at(asked, asked.startAfter ?? "");
    return found?.task === asked.task ? found : null;
  }

  /** The key range that begins where `segment` ends. Null: there is no such key range, or a page of it was read. */
  behind(segment: ListTask): ListTask | null {
    return segment.stopAt === null ? null : this.#at(segment, segment.stopAt);
  }

  #at({ turn, prefix }: ListTask, startAfter: string): ListTask | null {
    // Used for a page that has arrived, and for the key ranges after it.
    const row = first<TaskRow>(
      this.#sql,
      "SELECT * FROM list_tasks WHERE turn = ? AND prefix = ? AND start_after = ?",
      turn,
      prefix,
      startAfter,
    );
    return row ? taskOf(row) : null;
  }

  remove({ turn, prefix, startAfter }: ListTask): void {
    // Used for a task whose page was stored.
    this.#sql.exec(
      "DELETE FROM list_tasks WHERE turn = ? AND prefix = ? AND start_after = ?",
      turn,
      prefix,
      startAfter ?? "",
    );
  }

  some(turns: Turns, limit: number): ListTask[] {
    // Used for the tasks that are left when the page budget is used up.
    return all<TaskRow>(
      this.#sql,
      "SELECT * FROM list_tasks WHERE turn BETWEEN ? AND ? ORDER BY turn, prefix, start_after LIMIT ?",
      turns.from,
      turns.to,
      limit,
    ).map(taskOf);
  }

  clear(): void {
    // Used for a new listing pass.
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
