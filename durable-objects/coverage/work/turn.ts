// One turn of Coverage's clock. The turn performs steps until a limit of time, lists or files is reached.
import { readProbe as readProbePages, probePrefixes } from "../rules/probe.ts";
import { nextWork, type NextWork } from "../rules/next-work.ts";
import type { HourRow } from "../store.ts";
import {
  readProbe,
  readWork,
  saveForeign,
  saveProbe,
  type Budget,
  type Tools,
  type Work,
} from "./context.ts";
import { beginMarks, gatherHour, judgeHour, listMarkers } from "./mark-steps.ts";
import { beginRaw, listRaw, storeHour } from "./raw-steps.ts";

/** How long Coverage works after the last request. */
const IDLE_AFTER_MS = 120_000;
/** No list begins later than this in a turn. A failed list is tried again for about a second. */
const LIST_MS = 3_000;
/** The most lists of a turn. An invocation may make 1,000 subrequests, so there is room for retries. */
export const LISTS_PER_TURN = 400;
/** The most rows of files of a turn. Such a number of rows takes about 10 ms of CPU time, during which requests
 * wait. */
const FILES_PER_TURN = 1_500;

/** Returns the time of the next turn. Null: nothing is left to do, or no request came within IDLE_AFTER_MS. */
export async function takeTurn(tools: Tools): Promise<number | null> {
  const { store, lister, now } = tools;
  const begunAt = now();
  const budget: Budget = {
    until: begunAt + LIST_MS,
    lists: lister.lists() + LISTS_PER_TURN,
    files: FILES_PER_TURN,
  };
  store.dropAsks(begunAt - IDLE_AFTER_MS, begunAt);
  for (;;) {
    const at = now();
    // A clock that was set back meanwhile also ends the turn.
    if (at >= budget.until || at < begunAt || lister.lists() >= budget.lists || budget.files <= 0)
      return at + 1;
    const wanted = store.wantedRanges();
    if (wanted.length === 0) return null;
    const work = readWork(store);
    if (work) await carryOn(tools, work, budget);
    else {
      const hours = hoursAround(store.hours.bind(store), wanted);
      const next = nextWork(wanted, hours, readProbe(store), at, tools.settings.settleMs);
      if (next === null) return null;
      await begin(tools, next);
    }
  }
}

/** The rows of some hours, with one more hour on each side. The views read the same hours, because the plan and
 * the views must see the same holes. */
function hoursAround(
  read: (from: number, to: number) => HourRow[],
  wanted: readonly { firstHour: number; lastHour: number }[],
): Map<number, HourRow> {
  return new Map(
    wanted.flatMap(({ firstHour, lastHour }) =>
      read(firstHour - 1, lastHour + 1).map((row): [number, HourRow] => [row.hour, row]),
    ),
  );
}

async function begin(tools: Tools, next: NextWork): Promise<void> {
  switch (next.do) {
    case "probe":
      return probe(tools);
    case "raw":
      return beginRaw(tools, next.hours);
    case "mark":
      return beginMarks(tools, next.mode, next.hours);
  }
}

async function carryOn(tools: Tools, work: Work, budget: Budget): Promise<void> {
  switch (work.do) {
    case "raw":
      return listRaw(tools, work, budget);
    case "store":
      return storeHour(tools, work, budget);
    case "gather":
      return gatherHour(tools, work, budget);
    case "look":
      return listMarkers(tools, work, budget);
    case "judge":
      return judgeHour(tools, work, budget);
  }
}

async function probe({ store, settings, lister, now }: Tools): Promise<void> {
  const { livePrefix, logPrefix } = settings;
  const at = now();
  const prefixes = probePrefixes(livePrefix, logPrefix);
  const pages = await Promise.all(
    prefixes.map((prefix) => lister.markers({ mode: "exact", prefix, startAfter: null })),
  );
  const keys = pages.flatMap((page) => page.keys.map(({ key }) => key));
  const { seen, oldestMs, foreign } = readProbePages(keys, livePrefix, logPrefix);
  store.transaction(() => {
    saveProbe(store, { at, seen, oldestMs });
    saveForeign(store, livePrefix, foreign);
  });
}
