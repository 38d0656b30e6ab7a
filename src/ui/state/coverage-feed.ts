// The coverage of the last 24 hours, which Home shows twice: as a strip, and as holes that need a person.
import type { CoverageAnswer } from "../../contract/api/api-types.ts";
import { paths } from "../api/paths.ts";
import { CELL_MS_OF_PAGE, dayBefore } from "./coverage-range.ts";
import { useFeed, type Feed } from "./feed.ts";
import { now } from "./poller.ts";

export function useCoverageOfDay(): Feed<CoverageAnswer> | null {
  // The range changes only every five minutes. Until then the path stays the same, so its feed is used again.
  const range = dayBefore(Math.floor(now.value / CELL_MS_OF_PAGE) * CELL_MS_OF_PAGE);
  return useFeed(paths.coverage(range), { works: ({ complete }) => !complete });
}
