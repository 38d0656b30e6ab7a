// Counts the files of a window that the live worker delivered whole. A run would send their lines again. Does no I/O.
import type { PlanAnswer } from "../../../contract/api/api-types.ts";

/** Files after the window are read only for late records, so they are not counted. For a window that is too long to
 * list, all its files are counted. */
export function deliveredFiles(plan: PlanAnswer, window: { start: string; end: string }): number {
  const { files, live, warnings } = plan;
  // The API warns only if the run would send lines to the partner again: not if it skips them, and not if it sends to
  // another receiver.
  if (!warnings.some(({ code }) => code === "delivered_live")) return 0;
  if (files === null) return live?.files?.delivered ?? 0;
  // Instants of the API and of the form have the same format, so they can be compared as text.
  return files.filter(
    (file) => file.live === "delivered" && file.start < window.end && file.end > window.start,
  ).length;
}
