// Bounds on what one request may carry or ask for.
import { DAY_MS } from "../pipeline/calendar.ts";

/** The largest sensible body (ten folders, a long note) has 4 KB. A larger body would only cost memory. */
export const MAX_BODY_BYTES = 65_536;
/** Items of one page. */
export const PAGE_LIMIT = { min: 1, max: 1_000, default: 100 } as const;
/** The longest window of one run. A longer window is refused with a list of parts. So a mistake in the year cannot
 * replay a year. */
export const MAX_WINDOW_MS = 7 * DAY_MS;
/** How many sub-windows a refusal lists. A window beyond one year is a mistake. */
export const MAX_SPLIT = 53;
