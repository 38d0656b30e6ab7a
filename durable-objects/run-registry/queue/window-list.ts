// GET /windows: a page of the queue. Reads, never writes.
import type { WindowsAnswer, WindowsQuery } from "../../../src/contract/windows.ts";
import { no } from "../admission.ts";
import type { RegistryStore } from "../store.ts";
import { windowView } from "./views.ts";
import type { WindowQueue } from "./window-queue.ts";
import type { TurnPosition } from "./window-rows.ts";

/** Lists windows. If the request asks only for queued windows, they come in the order in which they start. Otherwise
 * the newest windows come first. */
export function listWindows(store: RegistryStore, queue: WindowQueue, query: WindowsQuery): WindowsAnswer {
  const { states, cursor, limit } = query;
  const inOrder = states.length === 1 && states[0] === "queued";
  const after = cursor === null ? null : readCursor(cursor);
  if (after === undefined || (after !== null && (after.turn !== null) !== inOrder))
    return no("bad_cursor", "the cursor was not issued by this list");
  // One more row than is shown is read, to know whether there is another page.
  const rows = inOrder
    ? store.windows.turnPage(after?.turn ?? null, limit + 1)
    : store.windows.page(after?.id ?? null, states, limit + 1);
  const shown = rows.slice(0, limit);
  const last = shown.at(-1);
  const next = last && rows.length > shown.length ? writeCursor(last, inOrder) : null;
  return { ok: true, page: { items: shown.map(windowView), next_cursor: next }, queue: queue.view() };
}

/** Where a page ended. `turn` is null in the list that shows the newest first. */
interface Position {
  id: number;
  turn: TurnPosition | null;
}

/** The cursor of a position. It is opaque to clients. */
function writeCursor({ id, rank, position, isSeries }: TurnPosition, inOrder: boolean): string {
  const parts = inOrder ? [id, rank, position, isSeries ? 1 : 0] : [id];
  return btoa(parts.join(" ")).replaceAll("=", "");
}

/** The position of a cursor. Undefined: the text is no cursor of this list. */
function readCursor(cursor: string): Position | undefined {
  if (!/^[A-Za-z0-9+/]{1,200}$/.test(cursor) || cursor.length % 4 === 1) return undefined;
  const text = atob(cursor);
  if (!/^\d+( -?\d+ -?[\d.e-]+ [01])?$/.test(text)) return undefined;
  const [id = 0, rank = 0, position = 0, isSeries] = text.split(" ").map(Number);
  if (![id, rank, position].every(Number.isFinite)) return undefined;
  return { id, turn: isSeries === undefined ? null : { rank, position, isSeries: isSeries === 1, id } };
}
