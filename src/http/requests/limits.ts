// Bounds on what one request may carry or ask for.

/** The largest sensible body (ten folders, a long note) has 4 KB. A larger body would only cost memory. */
export const MAX_BODY_BYTES = 65_536;
/** The most characters of a URL's path. The longest path of a route has about 120. */
export const MAX_PATH = 1_024;
/** The most characters of a URL's query. */
export const MAX_QUERY = 16_384;
/** The most characters of one header's value. An Access assertion with many groups has a few thousand. */
export const MAX_HEADER = 16_384;
/** The most characters of all headers' names and values together. */
export const MAX_ALL_HEADERS = 65_536;
/** The limits of the number of items on one page. */
export const PAGE_LIMIT = { min: 1, max: 1_000, default: 100 } as const;
/** The largest body of POST /windows: 1,000 windows take about 130 KB. */
export const MAX_WINDOWS_BODY_BYTES = 262_144;
/** How many sub-windows a refusal lists. A window beyond one year is a mistake. */
export const MAX_SPLIT = 53;
