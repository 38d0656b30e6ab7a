// Finds a place for a window directly before or after another waiting window.
import type { WindowRow } from "./window-row.ts";
import type { WindowRows } from "./window-rows.ts";

export function placeNextTo(
  windows: WindowRows,
  other: WindowRow,
  isAfter: boolean,
): { rank: number; position: number } {
  const { rank } = other;
  const step = isAfter ? 1 : -1;
  for (const isLastTry of [false, true]) {
    const from = windows.byId(other.id)?.position ?? other.position;
    const neighbour = isAfter
      ? windows.positionAfter({ rank, position: from })
      : windows.positionBefore({ rank, position: from });
    const position = neighbour === null ? from + step : (neighbour + from) / 2;
    if (isLastTry || (position !== from && position !== neighbour)) return { rank, position };
    // After about 50 moves between the same two neighbours, no number fits between them any more. Then the positions
    // are numbered again.
    windows.renumber(rank);
  }
  return { rank, position: other.position };
}
