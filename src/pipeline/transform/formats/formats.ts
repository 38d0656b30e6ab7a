// The formats of the line by name. A new format is one file of this folder and one row here.

import type { LineFormat } from "../../../contract/line-formats.ts";
import { EDGE_3_0 } from "./edge-3.0.ts";
import { EDGE_3_0_2026_05 } from "./edge-3.0-2026-05.ts";
import type { Format } from "./format.ts";

export const FORMATS: Readonly<Record<LineFormat, Format>> = {
  "edge-3.0": EDGE_3_0,
  "edge-3.0-2026-05": EDGE_3_0_2026_05,
};
