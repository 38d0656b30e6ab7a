// How much one request may carry or ask for.

/** A request's body. The largest sensible one (ten folders, a long note) has 4 KB; more would only cost memory. */
export const MAX_BODY_BYTES = 65_536;
/** Items of one page. */
export const PAGE_LIMIT = { min: 1, max: 1_000, default: 100 } as const;
/** The longest window of one run: longer ones are split, so that a mistaken year cannot replay a year. */
export const MAX_WINDOW_MS = 7 * 86_400_000;
/** Sub-windows named in a refusal; more than a year of them is a mistake, not a plan. */
export const MAX_SPLIT = 53;
