// Counts the files of a window that the live worker delivered whole. A run would send their lines again. Does no I/O.
import type { PlanAnswer } from "../../../contract/api/api-types.ts";

/** Files after the window are read only for late records, so they are not counted. For a window that is too long to
 * list, all its files are counted. */
export function deliveredFiles({ files, live }: PlanAnswer, window: { start: string; end: string }): number {
  if (files === null) return live?.files?.delivered ?? 0;
  // Instants of the API and of the form have the same format, so they can be compared as text.
  return files.filter(
    (file) => file.live === "delivered" && file.start < window.end && file.end > window.start,
  ).length;
}
