// The names of the formats of the partner's line. The rules of each format are in src/pipeline/transform/formats.

/** The first format is the oldest. A specification without a format means the first format. */
export const LINE_FORMATS = ["edge-3.0", "edge-3.0-2026-05"] as const;

export type LineFormat = (typeof LINE_FORMATS)[number];

/** The format of runs from before runs had a format. */
export const OLDEST_FORMAT: LineFormat = LINE_FORMATS[0];

/** The constants of a run's lines, by field number: "11" is the value of the var FORMAT_FIELD_11. */
export type FormatFields = Record<string, string>;
