// The configuration from which the API document takes the limits of fields. A deployment may have lower limits.
import { readConfig } from "../../src/platform/config.ts";

/** The configuration with the widest limits. MAX_LINES_PER_SECOND has the greatest value that it can have. */
export const WIDEST_CONFIG = readConfig({ MAX_LINES_PER_SECOND: "10000000" });
