// Defines what every step of a turn needs, and the unfinished work. Only the alarm changes the unfinished work. A
// request only stores the range that it wants.
import type { ListingState } from "../../../src/listing/listing.ts";
import type { ListTask } from "../../../src/listing/list-tasks.ts";
import type { Lister } from "../lister.ts";
import type { Gathered } from "../rules/gather.ts";
import type { MarkerList, Mode } from "../rules/marker-lists.ts";
import type { Probe, WantedHour } from "../rules/next-work.ts";
import type { CoverageStore } from "../store.ts";

export interface CoverageSettings {
  logPrefix: string;
  livePrefix: string;
  settleMs: number;
  singleStampSpanMs: number;
  lookbackMs: number;
}

export interface Tools {
  store: CoverageStore;
  settings: CoverageSettings;
  lister: Lister;
  now: () => number;
}

/** How much work a turn may still do. */
export interface Budget {
  /** No list begins at or after this time. */
  until: number;
  /** No list begins when `lister.lists()` has reached this value. */
  lists: number;
  /** How many rows of files may still be read or written. Reading and writing rows takes CPU time, during which no
   * request is answered. */
  files: number;
}

export function mayList({ lister, now }: Tools, { until, lists }: Budget): boolean {
  return now() < until && lister.lists() < lists;
}

/** raw      lists the raw files of the hours
 * store    replaces the files of each hour's rows
 * gather   collects the files of each hour whose markers must be listed
 * look     lists markers (stored rows contain this name and `looks`, so both stay)
 * judge    makes the figures of each hour */
export type Work =
  | {
      do: "raw";
      hours: number[];
      rawAt: number;
      lookbackMs: number;
      /** Null: the listing pass has not begun. */
      listing: ListingState | null;
      tasks: ListTask[];
      pages: number;
    }
  | { do: "store"; rawAt: number; hours: number[] }
  | { do: "gather"; mode: Mode; hours: WantedHour[]; left: WantedHour[]; gathered: Gathered }
  | { do: "look"; mode: Mode; hours: WantedHour[]; looks: OpenMarkerList[]; pages: number }
  | { do: "judge"; mode: Mode; first: number; hours: WantedHour[] };

export interface OpenMarkerList extends MarkerList {
  /** The number of keys on the listed pages that are not markers. */
  foreign: number;
}

const WORK = "work";
const PROBE = "probe";
const FOREIGN = "foreign";

export function readWork(store: CoverageStore): Work | null {
  return store.memo<Work>(WORK);
}

export function saveWork(store: CoverageStore, work: Work | null): void {
  store.saveMemo(WORK, work);
}

export function readProbe(store: CoverageStore): Probe | null {
  return store.memo<Probe>(PROBE);
}

export function saveProbe(store: CoverageStore, probe: Probe): void {
  store.saveMemo(PROBE, probe);
}

/** The most places whose foreign keys are remembered. */
const MOST_PLACES = 100;

/** The number of keys below LIVE_PREFIX that are not markers, over all places where such keys were found. */
export function foreignKeys(store: CoverageStore): number {
  const places = store.memo<Record<string, number>>(FOREIGN) ?? {};
  return Object.values(places).reduce((sum, n) => sum + n, 0);
}

export function saveForeign(store: CoverageStore, place: string, count: number): void {
  const { [place]: known = 0, ...others } = store.memo<Record<string, number>>(FOREIGN) ?? {};
  if (known === count) return;
  const kept = Object.entries(others).slice(-(MOST_PLACES - 1));
  store.saveMemo(FOREIGN, Object.fromEntries(count > 0 ? [...kept, [place, count]] : kept));
}
