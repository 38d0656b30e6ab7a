// Finds the markers of the files of some hours. Collects the files, lists their markers, and computes the counts of
// each hour.
import { safeKeyOf } from "../../../src/contract/live.ts";
import { factsOf } from "../rules/cells.ts";
import { packMarks, unpackMarks, type CoveredFile, type Marks } from "../rules/covered-files.ts";
import { NO_MARKERS, joined, type Evidence } from "../rules/evidence.ts";
import { gather, nothingGathered } from "../rules/gather.ts";
import { hourOf } from "../rules/hours.ts";
import {
  LISTS_AT_ONCE,
  markerListsOf,
  readMarkerPage,
  type MarkerPageRead,
  type Mode,
} from "../rules/marker-lists.ts";
import { needsMarkers, rowOf, type WantedHour } from "../rules/next-work.ts";
import { startOfSafe } from "../rules/probe.ts";
import type { StagedMarks } from "../store.ts";
import {
  mayList,
  saveForeign,
  saveWork,
  type Budget,
  type OpenMarkerList,
  type Tools,
  type Work,
} from "./context.ts";
import { inParallel } from "./in-parallel.ts";

type GatherWork = Extract<Work, { do: "gather" }>;
type MarkerWork = Extract<Work, { do: "look" }>;
type JudgeWork = Extract<Work, { do: "judge" }>;

/** The number of files between two places where a group of files may be cut. Listing their markers costs ten lists
 * ("exact"), or about five. */
const CUT_EVERY: Record<Mode, number> = { presence: 1_000, exact: 100 };

export function beginMarks({ store }: Tools, mode: Mode, hours: WantedHour[]): void {
  store.transaction(() => {
    store.clearStaged("staged_marks");
    saveWork(store, { do: "gather", mode, hours, left: hours, gathered: nothingGathered() });
  });
}

/** Collects the files of the next hour. After the last hour, the lists begin. */
export function gatherHour({ store, settings }: Tools, work: GatherWork, budget: Budget): void {
  const { mode, hours, gathered } = work;
  const [wanted, ...left] = work.left;
  if (wanted === undefined) {
    const lists = markerListsOf(gathered, mode, settings.livePrefix).map((list) => ({ ...list, foreign: 0 }));
    saveWork(store, { do: "look", mode, hours, looks: lists, pages: 0 });
    return;
  }
  const files = store.files(wanted.hour);
  budget.files -= files.length;
  const isWanted = (file: CoveredFile): boolean => needsMarkers(mode, wanted, file);
  const next = gather(gathered, wanted.hour, files, isWanted, CUT_EVERY[mode]);
  saveWork(store, { ...work, left, gathered: next });
}

/** Lists markers until all lists are complete or the turn ends. */
export async function listMarkers(tools: Tools, work: MarkerWork, budget: Budget): Promise<void> {
  const { store, lister, settings } = tools;
  const first = work.hours[0]?.hour ?? 0;
  const open = new Map(work.looks.map((list) => [list.id, list]));
  const underWay = new Set<number>();
  let { pages } = work;
  const save = (): void => saveWork(store, { ...work, looks: [...open.values()], pages });
  const listOne = async (list: OpenMarkerList): Promise<void> => {
    underWay.add(list.id);
    try {
      const page = await lister.markers(list);
      const read = readMarkerPage(list, page, settings.livePrefix);
      store.transaction(() => {
        for (const [hour, marks] of byHour(read, settings.logPrefix, first)) {
          store.stageMarks(hour, pages, marks);
          pages += 1;
        }
        const foreign = list.foreign + read.foreign;
        if (read.left) open.set(list.id, { ...read.left, foreign });
        else {
          open.delete(list.id);
          saveForeign(store, list.prefix, foreign);
        }
        save();
      });
    } finally {
      underWay.delete(list.id);
    }
  };
  await inParallel(LISTS_AT_ONCE, () => {
    if (!mayList(tools, budget)) return null;
    const next = [...open.values()].find(({ id }) => !underWay.has(id));
    return next ? listOne(next) : null;
  });
  if (open.size > 0) return;
  const { mode, hours } = work;
  saveWork(store, { do: "judge", mode, first, hours: hours.toReversed() });
}

/** Markers by the hour in which their raw file starts, but not before the first hour of the work. */
function byHour({ seen }: MarkerPageRead, logPrefix: string, first: number): Map<number, StagedMarks> {
  const hours = new Map<number, StagedMarks>();
  for (const [safeKey, evidence] of seen) {
    const startMs = startOfSafe(safeKey, logPrefix);
    if (startMs === null) continue;
    const hour = Math.max(first, hourOf(startMs));
    const some = hours.get(hour) ?? [];
    some.push([safeKey, packMarks(evidence === true ? "some" : evidence)]);
    hours.set(hour, some);
  }
  return hours;
}

/** Computes the counts of the next hour. */
export function judgeHour({ store, settings }: Tools, work: JudgeWork, budget: Budget): void {
  const { mode, first } = work;
  const [wanted, ...left] = work.hours;
  store.transaction(() => {
    saveWork(store, left.length > 0 ? { ...work, hours: left } : null);
    if (wanted === undefined) return;
    const { hour } = wanted;
    const before = store.files(hour);
    budget.files -= before.length;
    const startHours = new Set([hour, ...before.map(({ startMs }) => Math.max(first, hourOf(startMs)))]);
    const found = marksOf([...startHours].flatMap((one) => store.stagedMarks(one)));
    const files = before.map((file): CoveredFile => {
      if (!needsMarkers(mode, wanted, file)) return file;
      const marks = found.get(safeKeyOf(file.key)) ?? (mode === "exact" ? NO_MARKERS : "none");
      return { ...file, marks };
    });
    const known = rowOf(new Map(store.hours(hour, hour).map((row) => [row.hour, row])), hour);
    const orphans =
      mode === "exact"
        ? (known.facts?.orphans ?? 0)
        : orphansIn(files, found, (safe) => hourOf(startOfSafe(safe, settings.logPrefix) ?? 0) === hour);
    const unknown = files.filter((file) => file.marks === "unknown").length;
    store.saveFiles(hour, files);
    store.saveFacts(hour, factsOf(hour, files, orphans), unknown);
    if (left.length === 0) store.clearStaged("staged_marks");
  });
}

function marksOf(staged: StagedMarks): Map<string, Marks> {
  const found = new Map<string, Marks>();
  for (const [safeKey, packed] of staged) {
    const marks = unpackMarks(packed);
    const known = found.get(safeKey);
    found.set(safeKey, isEvidence(known) && isEvidence(marks) ? joined(known, marks) : better(known, marks));
  }
  return found;
}

/** The more exact of two facts about the markers of a file: a count of markers, if one of the two is a count. */
function better(known: Marks | undefined, marks: Marks): Marks {
  return isEvidence(known) ? known : marks;
}

function isEvidence(marks: Marks | undefined): marks is Evidence {
  return typeof marks === "object";
}

/** How many safe keys have markers but no raw file. A list with a delimiter cuts names with "-" short. Such names
 * do not count. */
function orphansIn(
  files: readonly CoveredFile[],
  found: ReadonlyMap<string, Marks>,
  isOfHour: (safeKey: string) => boolean,
): number {
  const safeKeys = new Set(files.map(({ key }) => safeKeyOf(key)));
  const dashed = [...safeKeys].filter((safe) => safe.includes("-"));
  return [...found.keys()].filter(
    (safe) => !safeKeys.has(safe) && isOfHour(safe) && !dashed.some((one) => one.startsWith(`${safe}-`)),
  ).length;
}
