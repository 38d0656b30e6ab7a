// The format edge-3.0: the line since the first release. A run keeps the parse version that it began with, also for
// parsing again and for its continuations.

import { COUNTRY_OF_COLO, COUNTRY_OF_COLO_2026_05 } from "../colo-country.ts";
import { columnsOf } from "../columns.ts";
import { seconds, secondsWithoutNegativeZero } from "../duration.ts";
import { formatOf } from "./format.ts";

const OF_VERSION_1 = columnsOf({ duration: seconds, countryOfColo: COUNTRY_OF_COLO });

/** The columns of the newest parse version. Newer formats begin with them. */
export const EDGE_3_0_COLUMNS = columnsOf({
  duration: secondsWithoutNegativeZero,
  countryOfColo: COUNTRY_OF_COLO_2026_05,
});

export const EDGE_3_0 = formatOf({ columns: { 1: OF_VERSION_1, 2: EDGE_3_0_COLUMNS } });
