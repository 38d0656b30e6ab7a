// The partner's name for a cache status. Owns the two tables. A known status matches in upper and lower case,
// without trimming. Any other status gives "-".

import { NOTHING } from "./text.ts";

const HIT_OR_MISS = new Map([
  ...["hit", "stale", "revalidated", "updating"].map((status) => [status, "HIT"] as const),
  ...["miss", "expired", "bypass", "dynamic", "none"].map((status) => [status, "MISS"] as const),
]);

const STATIC_OR_DYNAMIC = new Map([
  ["hit", "static"],
  ["dynamic", "dynamic"],
]);

export function hitOrMiss(status: unknown): string {
  return lookUp(HIT_OR_MISS, status);
}

export function staticOrDynamic(status: unknown): string {
  return lookUp(STATIC_OR_DYNAMIC, status);
}

function lookUp(table: ReadonlyMap<string, string>, status: unknown): string {
  if (typeof status !== "string") return NOTHING;
  return table.get(status) ?? table.get(status.toLowerCase()) ?? NOTHING;
}
