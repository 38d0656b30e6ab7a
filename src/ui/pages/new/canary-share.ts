// Decides whether a canary may be the whole run. Does no I/O.

/** `canary` is the text of the field. `low`: the fewest batches that the plan expects. */
export function mayBeWholeRun(canary: string, { low }: { low: number }): boolean {
  const batches = Number(canary.replaceAll(",", ""));
  return canary.trim() !== "" && low > 0 && batches >= low;
}
