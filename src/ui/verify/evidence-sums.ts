// Counts the rows of the evidence and compares the counts with its summary. To save memory, keeps sums and one row for
// each file, but of a batch only the lines of splits. What is not of the type that a run writes is a fault. Does no I/O.

export type Row = Record<string, unknown>;
export type Section = "files" | "batches" | "events" | "summary";

interface FileRow {
  /** What the file row says about its lines. Null: its lines are not in batches. */
  lines: { read: number; accounted: number; kept: number | null } | null;
  inBatches: number;
}

const FILE_STATES = /^(listed|parsing|waiting|open|closed|failed|missing|changed|suspicious|accepted)$/;
const BATCH_STATES = /^(pending|leased|done|refused|held|discarded|split|failed)$/;
const ATTEMPT_STATES = /^(uncertain|not_delivered|refused|done|duplicate|resolved)$/;
/** The states of files whose lines are in batches. */
const COUNTED = /^(open|closed|waiting|suspicious|accepted)$/;
/** The states that a delivered run may have. */
const DELIVERED = { files: /^(closed|accepted)$/, batches: /^(done|discarded|split)$/ };
const DELIVERED_STAGES: ReadonlySet<unknown> = new Set(["sent_waiting_cleanup", "cleaned"]);

/** Shows a value of the evidence. */
export function show(value: unknown): string {
  try {
    const text = JSON.stringify(value) as string | undefined;
    return text?.slice(0, 300) ?? "nothing";
  } catch (error) {
    return String(error);
  }
}

export function isRecord(value: unknown): value is Row {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

export class EvidenceSums {
  readonly #files = new Map<unknown, FileRow>();
  /** The lines of each split batch, and how many of its attempts were delivered late. Few batches are split. */
  readonly #splits = new Map<unknown, { lines: number; late: number }>();
  readonly #linesOfParts = new Map<unknown, number>();
  readonly #states = { files: new Map<string, number>(), batches: new Map<string, number>() };
  readonly #rows = { files: 0, batches: 0, events: 0, summary: 0 };
  readonly #newest = { files: 0, batches: 0, events: 0 };
  /** What the counted files have. Older evidence does not say which files are counted. */
  readonly #counted = { isKnown: true, read: 0, malformed: 0 };
  readonly #found: string[] = [];
  #lines = 0;
  #attempts = { uncertain: 0, possible: 0, deduped: 0, duplicate: 0 };
  #begun: unknown = undefined;
  #summary: unknown = undefined;

  add(section: Section, row: unknown): void {
    this.#rows[section]++;
    if (section === "summary") return void (this.#summary = row);
    const member = { files: "file", batches: "batch", events: "event" }[section];
    const number = isRecord(row) ? row[member] : undefined;
    const newest = this.#newest[section];
    // Rows have ascending numbers, so no row is there twice.
    if (!isRecord(row) || !isCount(number) || number <= newest)
      return void this.#found.push(`${section}: a row has the ${member} ${show(number)} after ${newest}`);
    this.#newest[section] = number;
    if (section === "files") this.#addFile(number, row);
    else if (section === "batches") this.#addBatch(number, row);
    else if (row["kind"] === "report_begun") this.#begun = number;
  }

  counts(): { files: number; batches: number; events: number; lines: number } {
    const { summary: _summary, ...rows } = this.#rows;
    return { ...rows, lines: this.#lines };
  }

  faults(run: string, generation: unknown): string[] {
    const summary = this.#summary;
    this.#expect("summaries", this.#rows.summary, 1);
    const duplicate = this.#compareLines();
    if (this.#rows.summary !== 1 || !this.#need("summary", summary, isRecord(summary))) return this.#found;
    const shown = summary as Row;
    this.#expect("run of the summary", shown["id"], run);
    // The id of a run ends in the name of its receiver, unless it is the first one. Older evidence names no receiver.
    if (shown["receiver"] !== undefined)
      this.#expect("receiver of the summary", shown["receiver"], run.split("_")[3] ?? "default");
    this.#expect("generation", this.#begun, generation);
    this.#expect("lines sent", shown["log_lines_sent"], this.#lines);
    this.#compareCounted(shown);
    this.#compareStates(shown);
    this.#compareAttempts(shown, duplicate);
    this.#compareStage(shown);
    return this.#found;
  }

  #expect(what: string, is: unknown, should: unknown): void {
    if (is !== should) this.#found.push(`${what}: ${show(is)}, expected ${show(should)}`);
  }

  #need(what: string, value: unknown, isGood: boolean): boolean {
    if (!isGood) this.#found.push(`${what}: ${show(value)} is not what a run writes`);
    return isGood;
  }

  #needState(what: string, state: unknown, known: RegExp): state is string {
    return this.#need(`${what} state`, state, typeof state === "string" && known.test(state));
  }

  #addFile(file: number, { state, lines, batches, counted }: Row): void {
    const where = `file ${file}`;
    const row: FileRow = { lines: null, inBatches: 0 };
    this.#files.set(file, row);
    const isKnown = this.#needState(where, state, FILE_STATES);
    if (isKnown) count(this.#states.files, state, 1);
    const ofBatches = isRecord(batches) ? batches["count"] : undefined;
    this.#need(`${where} batches`, batches, isCount(ofBatches));
    if (lines === null) return;
    const { read, kept, malformed, dropped } = isRecord(lines) ? lines : {};
    const all = [read, kept, malformed, ...(isRecord(dropped) ? Object.values(dropped) : [undefined])];
    if (!this.#need(`${where} lines`, lines, all.every(isCount))) return;
    if (counted === undefined) this.#counted.isKnown = false;
    else if (this.#need(`${where} counted`, counted, typeof counted === "boolean") && counted === true) {
      this.#counted.read += read as number;
      this.#counted.malformed += malformed as number;
    }
    if (!isKnown || !COUNTED.test(state)) return;
    const accounted = (all as number[]).slice(1).reduce((total, n) => total + n, 0);
    row.lines = { read: read as number, accounted, kept: ofBatches === 0 ? null : (kept as number) };
  }

  #addBatch(batch: number, row: Row): void {
    const { state, lines, parent = null, exceptional_attempts: attempts = [] } = row;
    const where = `batch ${batch}`;
    const isKnown = this.#needState(where, state, BATCH_STATES);
    if (isKnown) count(this.#states.batches, state, 1);
    const file = this.#files.get(row["file"]);
    this.#need(`${where} file`, row["file"], file !== undefined);
    this.#need(`${where} parent`, parent, parent === null || isCount(parent));
    if (!this.#need(`${where} lines`, lines, isCount(lines))) return;
    const n = lines as number;
    if (state === "done") this.#lines += n;
    if (parent !== null) count(this.#linesOfParts, parent, n);
    if (state !== "split" && file) file.inBatches += n;
    const isList = this.#need(`${where} exceptional_attempts`, attempts, Array.isArray(attempts));
    const late = isList ? this.#addAttempts(where, attempts as unknown[], n) : 0;
    if (state === "split") this.#splits.set(batch, { lines: n, late });
  }

  /** Returns how many attempts were delivered late. */
  #addAttempts(where: string, attempts: unknown[], lines: number): number {
    let [late, last] = [0, -1];
    for (const one of attempts) {
      const row = isRecord(one) ? one : {};
      const { attempt, state, followed_by: follower = null, deduped_by: again } = row;
      const isNext = isCount(attempt) && attempt > last;
      const areCounts = [follower ?? 0, again ?? 0].every(isCount) && again !== null;
      this.#need(`${where} attempt`, one, isNext && areCounts);
      if (isNext) last = attempt;
      this.#needState(`${where} attempt ${show(attempt)}`, state, ATTEMPT_STATES);
      if (state === "done") late++;
      if (state === "duplicate") this.#attempts.duplicate += lines;
      if (state !== "uncertain") continue;
      this.#attempts.uncertain++;
      if (follower !== null) this.#attempts.possible += lines;
      else if (again !== undefined) this.#attempts.deduped += lines;
    }
    return late;
  }

  /** Compares the lines of files and of split batches with their batches. Returns the lines that were accepted twice. */
  #compareLines(): number {
    for (const [file, { lines, inBatches }] of this.#files) {
      if (lines === null) continue;
      this.#expect(`file ${show(file)} lines read`, lines.read, lines.accounted);
      if (lines.kept !== null) this.#expect(`file ${show(file)} lines kept`, inBatches, lines.kept);
    }
    let { duplicate } = this.#attempts;
    for (const [batch, { lines, late }] of this.#splits) {
      const inParts = this.#linesOfParts.get(batch);
      if (inParts !== undefined) this.#expect(`lines of the parts of batch ${show(batch)}`, inParts, lines);
      // A batch that an equal or newer batch replaces has no parts. Other batches carry its lines, so its late delivery
      // was one too many.
      else duplicate += late * lines;
    }
    for (const parent of this.#linesOfParts.keys()) this.#need("parent", parent, this.#splits.has(parent));
    return duplicate;
  }

  #compareCounted({ lines }: Row): void {
    if (this.#rows.files === 0 || !this.#counted.isKnown) return;
    if (!this.#need("lines of the summary", lines, isRecord(lines))) return;
    for (const name of ["read", "malformed"] as const)
      this.#expect(`lines ${name}`, (lines as Row)[name], this.#counted[name]);
  }

  #compareStates(summary: Row): void {
    for (const section of ["files", "batches"] as const) {
      const [shown, counted] = [summary[section], this.#states[section]];
      if (!this.#need(`${section} of the summary`, shown, isRecord(shown))) continue;
      for (const [state, n] of Object.entries(shown as Row))
        this.#expect(`${section} ${state}`, n, counted.get(state) ?? 0);
      for (const state of counted.keys())
        this.#need(`${section} ${state} of the summary`, undefined, Object.hasOwn(shown as Row, state));
    }
  }

  /** A member that older evidence lacks is not compared. */
  #compareAttempts(summary: Row, duplicate: number): void {
    let { possible } = this.#attempts;
    const { live, exceptions = 0 } = summary;
    if (live !== undefined) {
      const { lines_sent_while_waiting: sent, live_delivered_meanwhile: meanwhile } = isRecord(live)
        ? live
        : {};
      const delivered = isRecord(meanwhile) ? meanwhile["lines"] : undefined;
      if (this.#need("lines of the live worker", live, isCount(sent) && isCount(delivered)))
        possible += (sent as number) + (delivered as number);
    }
    // A dry run sends nothing.
    if (summary["dry_run"] === true) possible = 0;
    const { uncertain, deduped } = this.#attempts;
    for (const [name, n] of [
      ["uncertain_attempts", uncertain],
      ["duplicate_lines", duplicate],
      ["deduped_lines", deduped],
      ["possible_duplicate_lines", possible],
    ] as const)
      if (summary[name] !== undefined) this.#expect(name, summary[name], n);
    this.#need("exceptions", exceptions, isCount(exceptions));
  }

  #compareStage(summary: Row): void {
    const { stage_code: stage, delivery_completed: isDelivered, fully_completed: isCleaned } = summary;
    if (!this.#need("delivery_completed", isDelivered, typeof isDelivered === "boolean")) return;
    if (stage !== undefined) this.#expect("delivery_completed", isDelivered, DELIVERED_STAGES.has(stage));
    if (isCleaned !== undefined) this.#expect("fully_completed", isCleaned, stage === "cleaned");
    if (isDelivered !== true) return;
    for (const section of ["files", "batches"] as const)
      for (const [state, n] of this.#states[section])
        if (!DELIVERED[section].test(state)) this.#expect(`unsettled ${section} of a delivered run`, n, 0);
  }
}

function count<Key>(counts: Map<Key, number>, key: Key, n: number): void {
  counts.set(key, (counts.get(key) ?? 0) + n);
}
