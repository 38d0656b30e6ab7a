// The configuration whose bounds the document shows. A deployment may set lower ones.
import { readConfig } from "../../src/platform/config.ts";

/** The cap is the greatest value that the var MAX_LINES_PER_SECOND can have. */
export const WIDEST_CONFIG = readConfig({ MAX_LINES_PER_SECOND: "10000000" });
