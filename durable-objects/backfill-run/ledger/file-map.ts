// Counts files by range and state, for the map of a run. Reads the files in groups of adjoining numbers, called
// parts, and remembers each part until one of its files changes. Reads only.
import type { FileState } from "../../../src/contract/states.ts";
import { all, type Sql } from "../../../src/platform/sql.ts";
import { STRANDED } from "./reasons.ts";
import { BATCH_PROBLEMS } from "./states.ts";
import type { TotalsRow } from "./totals.ts";

/** How many files one part has. Reading a part takes about 5 ms, and every sender's call waits meanwhile. */
const MAP_PART_FILES = 5_000;
/** How many batches of each state are searched, at most, for files with set-aside batches. A run may hold hundreds of
 * thousands of batches, and every sender's call waits for the search. */
const MOST_SEARCHED = 20_000;

/** The files that have the same state and the same time range, counted together. */
export interface FileGroup {
  range_start: number;
  range_end: number;
  state: FileState;
  files: number;
}
type FileRange = Omit<FileGroup, "files">;

interface Part {
  /** The part contains the files below this number that existed when it was read. */
  end: number;
  groups: FileGroup[];
}

export class FileMap {
  readonly #sql: Sql;
  readonly #parts = new Map<number, Part>();

  constructor(sql: Sql, totals: TotalsRow) {
    this.#sql = sql;
    // After a rollback, a part is dropped although its counts are still right. This only costs one more statement.
    totals.watchFiles((file) => this.#parts.delete(partOf(file)));
  }

  /** All files numbered below `nextFile`. Reads at most `most` parts. Null: more parts remain for the next call. */
  groups(nextFile: number, most: number): FileGroup[] | null {
    let read = 0;
    const found: FileGroup[][] = [];
    for (let part = 0; part * MAP_PART_FILES < nextFile; part++) {
      const end = Math.min(nextFile, (part + 1) * MAP_PART_FILES);
      if (this.#parts.get(part)?.end !== end) {
        if (read++ >= most) return null;
        this.#parts.set(part, { end, groups: this.#read(part * MAP_PART_FILES, end) });
      }
      found.push(this.#parts.get(part)?.groups ?? []);
    }
    return found.flat();
  }

  /** Counts the files of one part by range and state. Called for GET /runs/:id/map. */
  #read(from: number, end: number): FileGroup[] {
    const rows = all<FileRange>(
      this.#sql,
      "SELECT range_start, range_end, state FROM files WHERE file >= ? AND file < ?",
      from,
      end,
    );
    const groups = new Map<string, FileGroup>();
    for (const row of rows) {
      const key = `${row.range_start} ${row.range_end} ${row.state}`;
      const group = groups.get(key);
      if (group) group.files++;
      else groups.set(key, { ...row, files: 1 });
    }
    return [...groups.values()];
  }

  /** Files with set-aside batches, as far as the first of these batches show. A batch that waits for its file is left
   * out, because the state of the file shows why. Called for GET /runs/:id/map. */
  setAside(): FileRange[] {
    const files = new Set<number>();
    for (const state of BATCH_PROBLEMS) {
      const rows = all<{ file: number }>(
        this.#sql,
        `SELECT file FROM (
           SELECT file, reason_code FROM batches WHERE state = ? AND set_aside_at IS NOT NULL
           ORDER BY set_aside_at, batch LIMIT ?)
         WHERE reason_code IS NOT '${STRANDED}'`,
        state,
        MOST_SEARCHED,
      );
      for (const { file } of rows) files.add(file);
    }
    return all<FileRange>(
      this.#sql,
      "SELECT f.range_start, f.range_end, f.state FROM json_each(?) k JOIN files f ON f.file = k.value",
      JSON.stringify([...files]),
    );
  }
}

function partOf(file: number): number {
  return Math.floor(file / MAP_PART_FILES);
}
