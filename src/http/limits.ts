// Bounds on what one request may carry or ask for.

/** The largest sensible body (ten folders, a long note) has 4 KB. A larger body would only cost memory. */
export const MAX_BODY_BYTES = 65_536;
/** Items of one page. */
export const PAGE_LIMIT = { min: 1, max: 1_000, default: 100 } as const;
/** The largest body of POST /windows: 1,000 windows take about 130 KB. */
export const MAX_WINDOWS_BODY_BYTES = 262_144;
/** How many sub-windows a refusal lists. A window beyond one year is a mistake. */
export const MAX_SPLIT = 53;
