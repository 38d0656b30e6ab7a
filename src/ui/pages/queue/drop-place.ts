// Decides to which place a dragged window moves. Does no I/O.
import type { MovedTo } from "../../../contract/windows.ts";

/** `over`: the row under the pointer, and whether the pointer is in its lower half. Returns null if the window stays
 * where it is. */
export function dropOf(
  ids: readonly number[],
  dragged: number,
  over: { id: number; isAfter: boolean },
): MovedTo | null {
  const from = ids.indexOf(dragged);
  const target = ids.indexOf(over.id);
  if (from < 0 || target < 0 || from === target) return null;
  const stays = over.isAfter ? target === from - 1 : target === from + 1;
  if (stays) return null;
  return over.isAfter ? { after: over.id } : { before: over.id };
}
