// Finds the day of the oldest raw log: by the names of day folders, and by the stamps of flat names. Reads folder
// names only, so years cost a few lists.
import { branchesOf } from "./folder-places.ts";
import type { Lists } from "./list-pages.ts";
import { dayStart, leadingDay, type Spelling } from "./listed-days.ts";
import { baseName, dayInName, isLogName, logRange } from "./log-names.ts";
import { DAY_MS } from "../contract/time-units.ts";

/** The most pages that are read below one prefix. A page has 1,000 names. */
const MAX_PAGES = 50;

/** Epoch ms of the start of a day. Null: no log is found. */
export async function oldestDay(
  list: Lists,
  logPrefix: string,
  folders: readonly string[],
): Promise<number | null> {
  const days: number[] = [];
  for (const { before, spellings } of branchesOf(folders)) {
    const found = await oldestBelow(list, logPrefix + before, spellings);
    if (found !== null) days.push(found);
  }
  return days.length === 0 ? null : Math.min(...days);
}

async function oldestBelow(
  list: Lists,
  prefix: string,
  spellings: readonly Spelling[],
): Promise<number | null> {
  const { folders, keys } = await namesBelow(list, prefix);
  const days = folders.flatMap((name) => spellings.flatMap((one) => leadingDay(name, one)?.dayMs ?? []));
  days.push(...keys.flatMap((key) => dayOfLog(key) ?? []));
  // `2026/04/22/`: the oldest year that has a day.
  for (const year of folders.filter((name) => /^20\d\d\/$/.test(name)).sort()) {
    const found = await oldestOfYear(list, prefix, year);
    if (found === null) continue;
    days.push(found);
    break;
  }
  return days.length === 0 ? null : Math.min(...days);
}

async function oldestOfYear(list: Lists, prefix: string, year: string): Promise<number | null> {
  const months = await namesBelow(list, prefix + year);
  for (const month of months.folders.filter((name) => /^(0[1-9]|1[0-2])\/$/.test(name)).sort()) {
    const { folders } = await namesBelow(list, prefix + year + month);
    const days = folders.flatMap(
      (day) =>
        dayStart(Number.parseInt(year, 10), Number.parseInt(month, 10), Number.parseInt(day, 10)) ?? [],
    );
    if (days.length > 0) return Math.min(...days);
  }
  return null;
}

function dayOfLog(key: string): number | null {
  if (!isLogName(key)) return null;
  const startMs = logRange(key)?.startMs ?? dayInName(baseName(key));
  return startMs === null ? null : Math.floor(startMs / DAY_MS) * DAY_MS;
}

/** Names relative to the prefix for folders, whole keys for R2 objects. */
async function namesBelow(list: Lists, prefix: string): Promise<{ folders: string[]; keys: string[] }> {
  const [folders, keys]: [string[], string[]] = [[], []];
  let cursor: string | undefined;
  for (let pages = 0; pages < MAX_PAGES; pages += 1) {
    const page = await list({ prefix, delimiter: "/", ...(cursor !== undefined && { cursor }) });
    folders.push(...page.delimitedPrefixes.map((folder) => folder.slice(prefix.length)));
    keys.push(...page.objects.map(({ key }) => key));
    if (!page.truncated) break;
    ({ cursor } = page);
  }
  return { folders, keys };
}
