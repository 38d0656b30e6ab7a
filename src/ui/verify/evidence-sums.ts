// Counts the rows of the evidence and compares the counts with its summary. To save memory, keeps sums and one row for
// each file, but of a batch only the lines of splits. Does no I/O.

type Row = Record<string, unknown>;

interface FileRow {
  read: number;
  accounted: number;
  kept: number;
  batches: number;
}

/** The states of files whose lines are in batches. */
const COUNTED: ReadonlySet<unknown> = new Set(["open", "closed", "waiting", "suspicious", "accepted"]);
const SETTLED: ReadonlySet<unknown> = new Set(["done", "discarded", "split"]);

export class EvidenceSums {
  readonly #files = new Map<unknown, FileRow>();
  readonly #linesOfFile = new Map<unknown, number>();
  /** The lines of each split batch, and of the parts of each batch. Few batches are split. */
  readonly #splits = new Map<unknown, number>();
  readonly #linesOfParts = new Map<unknown, number>();
  readonly #states = { files: new Map<unknown, number>(), batches: new Map<unknown, number>() };
  readonly #summaries: Row[] = [];
  #rows = { files: 0, batches: 0, events: 0 };
  #lines = 0;
  #begun: unknown = undefined;

  add(section: "files" | "batches" | "events" | "summary", row: Row): void {
    if (section === "summary") return void this.#summaries.push(row);
    this.#rows[section]++;
    if (section === "files") this.#addFile(row);
    else if (section === "batches") this.#addBatch(row);
    else if (row["kind"] === "report_begun") this.#begun = row["event"];
  }

  counts(): { files: number; batches: number; events: number; lines: number } {
    return { ...this.#rows, lines: this.#lines };
  }

  faults(run: unknown, generation: unknown): string[] {
    const found: string[] = [];
    const expect = (what: string, is: unknown, should: unknown) => {
      if (is !== should) found.push(`${what}: ${String(is)}, expected ${String(should)}`);
    };
    const [summary] = this.#summaries;
    expect("summaries", this.#summaries.length, 1);
    if (!summary || found.length > 0) return found;
    expect("run of the summary", summary["id"], run);
    // The id of a run ends in the name of its receiver, unless it is the first one. Older evidence names no receiver.
    const receiver = summary["receiver"];
    if (receiver !== undefined)
      expect("receiver of the summary", receiver, String(run).split("_")[3] ?? "default");
    if (generation !== undefined) expect("generation", this.#begun, generation);
    for (const [file, { read, accounted, kept, batches }] of this.#files) {
      expect(`file ${String(file)} lines read`, read, accounted);
      if (batches > 0) expect(`file ${String(file)} lines kept`, this.#linesOfFile.get(file) ?? 0, kept);
    }
    for (const [batch, lines] of this.#splits) {
      const inParts = this.#linesOfParts.get(batch);
      // A batch that an equal or newer batch replaces has no parts.
      if (inParts !== undefined) expect(`lines of the parts of batch ${String(batch)}`, inParts, lines);
    }
    expect("lines sent", summary["log_lines_sent"], this.#lines);
    for (const section of ["files", "batches"] as const)
      for (const [state, n] of Object.entries((summary[section] ?? {}) as Row))
        expect(`${section} ${state}`, n, this.#states[section].get(state) ?? 0);
    if (summary["delivery_completed"] === true) {
      const open = [...this.#states.batches].filter(([state]) => !SETTLED.has(state));
      expect("unsettled batches of a delivered run", sum(open.map(([, n]) => n)), 0);
    }
    return found;
  }

  #addFile(row: Row): void {
    count(this.#states.files, row["state"]);
    const lines = row["lines"] as { read: number; kept: number; malformed: number; dropped: Row } | null;
    if (!lines || !COUNTED.has(row["state"])) return;
    const { read, kept, malformed, dropped } = lines;
    const accounted = kept + malformed + sum(Object.values(dropped).map(Number));
    const { count: batches } = row["batches"] as { count: number };
    this.#files.set(row["file"], { read, accounted, kept, batches });
  }

  #addBatch(row: Row): void {
    const [state, file, lines] = [row["state"], row["file"], Number(row["lines"])];
    count(this.#states.batches, state);
    if (state === "done") this.#lines += lines;
    if (state === "split") this.#splits.set(row["batch"], lines);
    const parent = row["parent"] ?? null;
    if (parent !== null) this.#linesOfParts.set(parent, (this.#linesOfParts.get(parent) ?? 0) + lines);
    if (state !== "split") this.#linesOfFile.set(file, (this.#linesOfFile.get(file) ?? 0) + lines);
  }
}

function count(counts: Map<unknown, number>, key: unknown): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}

function sum(values: readonly number[]): number {
  return values.reduce((total, n) => total + n, 0);
}
