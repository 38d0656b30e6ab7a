// The verbs of a run that only read, under one name for backfill-run.ts.
export { inheritance, limits, listBatches, listEvents, listFiles, listSamples, raw, status } from "./pages.ts"; // prettier-ignore
export { map } from "./map-view.ts";
export { planned, sampleSource } from "./plan-pages.ts";
export { rayDeliveries, rayFiles } from "./rays.ts";
export { metrics } from "./run-metrics.ts";
export { series } from "./series-view.ts";
