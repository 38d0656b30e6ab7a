// The methods of the registry that only read, under one name for run-registry.ts.
export { registryMetrics } from "./registry-metrics.ts";
export { coveringRuns, listRuns } from "./run-list.ts";
export { runStats } from "./stats.ts";
