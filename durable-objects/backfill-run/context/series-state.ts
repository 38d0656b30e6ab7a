// Reads the stored state of a run's series: its delivered lines, POSTs and failures over time (receiver/series.ts).
import type { Hot } from "../ledger/totals.ts";
import { EMPTY_SERIES, type SeriesState } from "../receiver/series.ts";

export function seriesOf({ series_json }: Pick<Hot, "series_json">): SeriesState {
  return series_json === "" ? EMPTY_SERIES : (JSON.parse(series_json) as SeriesState);
}
