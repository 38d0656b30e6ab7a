// Decides every window of a request, in the order of checks: age, cap, duplicate, coalesce. Does no I/O. Takes the
// state of the queue, and returns outcomes and changes. A later window of the request sees what the earlier windows
// changed.
import type { Window } from "../../../src/contract/parse-spec.ts";
import type { Overlap } from "../../../src/contract/registry.ts";
import { isoSecond } from "../../../src/contract/run-id.ts";
import type { AskedWindow, QueueRequest, WindowOutcome, WindowText } from "../../../src/contract/windows.ts";
import { overlapsWith } from "../rules.ts";
import { remainderOf, startWithoutOld } from "./intervals.ts";
import {
  ActiveWindowIndex,
  countingRuns,
  deliveredBy,
  duplicateOf,
  placeOf,
  type ActiveWindow,
  type KnownRun,
} from "./decide-window.ts";
import { capWait, isTooOld } from "./rules.ts";

export interface QueueState {
  book: ActiveWindowIndex;
  runs: KnownRun[];
  /** The windows that this source queued in the last minute, oldest first. */
  taken: { at: number; count: number }[];
  nextId: number;
}

/** A window row to write. */
export interface NewWindow extends Window {
  id: number;
  kind: "window" | "series";
  /** Runs that sent lines of the window. Empty: the window is queued. */
  overlaps: Overlap[];
  chunkMs: number | null;
  newestFirst: boolean;
}
export interface GrownWindow extends Window {
  id: number;
  /** Windows of this request, as asked, that the new window covers. */
  tookIn: Window[];
}

export interface Received {
  outcomes: WindowOutcome[];
  added: NewWindow[];
  grown: GrownWindow[];
  /** Windows of the queue that another window now covers. Some may be among `added`. */
  joined: { id: number; into: number }[];
  /** How many windows count against the cap. */
  counted: number;
}

type Rules = Pick<QueueRequest, "source" | "oldestEnd" | "skipSent" | "coalesceMs" | "perSourcePerMinute"> & {
  replay: boolean;
  key: string;
};

export function receive(
  asked: readonly AskedWindow[],
  state: QueueState,
  rules: Rules,
  now: number,
): Received {
  return new Receiving(state, rules, now).all(asked);
}

class Receiving {
  readonly #state: QueueState;
  readonly #rules: Rules;
  readonly #now: number;
  readonly #added = new Map<number, NewWindow>();
  readonly #grown = new Map<number, GrownWindow>();
  readonly #joined: Received["joined"] = [];
  #nextId: number;
  #counted = 0;

  constructor(state: QueueState, rules: Rules, now: number) {
    this.#state = state;
    this.#rules = rules;
    this.#now = now;
    this.#nextId = state.nextId;
  }

  all(asked: readonly AskedWindow[]): Received {
    const outcomes = asked.map((one, index): WindowOutcome => ({ index, ...this.#one(one) }));
    return {
      outcomes,
      added: [...this.#added.values()],
      grown: [...this.#grown.values()],
      joined: this.#joined,
      counted: this.#counted,
    };
  }

  #one(asked: AskedWindow): Outcome {
    if (asked.kind === "invalid") {
      const detail = asked.errors.map((error) => `${error.pointer}: ${error.detail}`).join("; ");
      return { outcome: "dropped", reason: "invalid", detail, errors: asked.errors };
    }
    const { oldestEnd } = this.#rules;
    if (isTooOld(asked.endMs, oldestEnd)) {
      const detail = `it ends before ${isoSecond(oldestEnd ?? 0)} (drop_older_than)`;
      return { outcome: "dropped", reason: "too_old", detail };
    }
    const limited = this.#limited();
    if (limited) return limited;
    return asked.kind === "series" ? this.#series(asked) : this.#window(asked);
  }

  #limited(): Outcome | null {
    const { source, perSourcePerMinute } = this.#rules;
    if (source === null) return null;
    const taken = [...this.#state.taken, { at: this.#now, count: this.#counted }];
    const waitMs = capWait(taken, perSourcePerMinute, this.#now);
    if (waitMs === null) {
      this.#counted += 1;
      return null;
    }
    const detail = `the source has queued ${perSourcePerMinute} windows within a minute`;
    return {
      outcome: "dropped",
      reason: "rate_limited",
      detail,
      retry_after_seconds: Math.ceil(waitMs / 1_000),
    };
  }

  #series(asked: Extract<AskedWindow, { kind: "series" }>): Outcome {
    const { endMs, chunkMs } = asked;
    const newestFirst = asked.order === "newest_first";
    const { replay, skipSent, key, oldestEnd } = this.#rules;
    const startMs = startWithoutOld({ ...asked, newestFirst }, oldestEnd);
    const window = { startMs, endMs, endExclusive: true };
    const { book, runs } = this.#state;
    const of = replay ? null : duplicateOf(window, book, countingRuns(runs, skipSent));
    if (of) return { outcome: "duplicate", of, ...textOf(window) };
    if (!replay && skipSent && remainderOf(window, deliveredBy(runs)).length === 0) {
      const covering = runs.filter((run) => run.delivered && remainderOf(window, [run.window])[0] !== window);
      return { outcome: "duplicate", of: { runs: covering.map(({ runId }) => runId) }, ...textOf(window) };
    }
    const id = this.#nextId++;
    this.#added.set(id, { id, ...window, kind: "series", overlaps: [], chunkMs, newestFirst });
    book.add({ id, ...window, key, mayGrow: false });
    return { outcome: "queued", id, state: "queued", ...textOf(window) };
  }

  #window(asked: Window): Outcome {
    const { startMs, endMs, endExclusive } = asked;
    const window = { startMs, endMs, endExclusive };
    const { book, runs } = this.#state;
    const place = placeOf(window, book, runs, this.#rules);
    switch (place.kind) {
      case "duplicate":
        return { outcome: "duplicate", of: place.of, ...textOf(window) };
      case "blocked": {
        const overlaps = overlapsWith(window, [], place.by);
        const id = this.#add(window, overlaps);
        return { outcome: "queued", id, state: "blocked", overlaps, ...textOf(window) };
      }
      case "coalesced":
        this.#grow(place.into, place.window, window);
        for (const one of place.takesIn) this.#join(one, place.into.id);
        return { outcome: "coalesced", into: place.into.id, ...textOf(place.window) };
      case "queued": {
        const id = this.#add(place.window, []);
        book.add({ id, ...place.window, key: this.#rules.key, mayGrow: true });
        return { outcome: "queued", id, state: "queued", ...textOf(place.window) };
      }
    }
  }

  #add(window: Window, overlaps: Overlap[]): number {
    const id = this.#nextId++;
    this.#added.set(id, { id, ...window, kind: "window", overlaps, chunkMs: null, newestFirst: false });
    return id;
  }

  #grow(into: ActiveWindow, window: Window, asked: Window): void {
    this.#state.book.remove(into);
    this.#state.book.add({ ...into, ...window });
    const added = this.#added.get(into.id);
    if (added) this.#added.set(into.id, { ...added, ...window });
    const tookIn = [...(this.#grown.get(into.id)?.tookIn ?? []), asked];
    this.#grown.set(into.id, { id: into.id, ...window, tookIn });
  }

  #join(one: ActiveWindow, into: number): void {
    this.#state.book.remove(one);
    this.#joined.push({ id: one.id, into });
    // The range of the grown window is now part of `into`.
    this.#grown.delete(one.id);
  }
}

type Outcome = WindowOutcome extends infer One ? (One extends unknown ? Omit<One, "index"> : never) : never;

export function textOf({ startMs, endMs, endExclusive }: Window): WindowText {
  return { start: isoSecond(startMs), end: isoSecond(endMs), end_exclusive: endExclusive };
}
