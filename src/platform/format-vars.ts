// The vars of the line's format. vars.ts puts them into its table.
import { OLDEST_FORMAT } from "../contract/line-formats.ts";
import { FIELD_TEXT, FORMAT } from "./var-kinds.ts";

export const FORMAT_VARS = {
  LINE_FORMAT: {
    kind: FORMAT,
    default: OLDEST_FORMAT,
    meaning: "The format of a run's lines, unless the request has `format`.",
    applies: "new runs",
  },
  FORMAT_FIELD_11: {
    kind: FIELD_TEXT,
    default: null,
    example: "192.0.2.11",
    meaning: "Field 11 of a line without an EdgeServerIP. Only for the format `edge-3.0-2026-05`.",
    applies: "new runs",
  },
  FORMAT_FIELD_58: {
    kind: FIELD_TEXT,
    default: null,
    example: "32 hexadecimal digits",
    meaning: "Field 58 of a line. Only for the format `edge-3.0-2026-05`.",
    applies: "new runs",
  },
} as const;
