// The cursor of GET /runs: the position after which the next page begins. Runs are sorted by the time of their creation and
// by their id, newest first. Does no I/O.

/** The cursor: where a page of GET /runs ended. Opaque to clients. */
export interface ListPosition {
  createdAt: number;
  runId: string;
}

/** Writes a position as a cursor. The position alone decides the next page. So the registries of several receivers
 * accept the same cursor. */
export function writeCursor({ createdAt, runId }: ListPosition): string {
  return btoa(`${createdAt}.${runId}`).replaceAll("=", "");
}

/** The place that a cursor names. Undefined: the text is no cursor of this API. */
export function readCursor(cursor: string): ListPosition | undefined {
  if (!/^[A-Za-z0-9+/]{1,200}$/.test(cursor) || cursor.length % 4 === 1) return undefined;
  const parts = /^(\d{1,15})\.([0-9A-Za-z_-]+)$/.exec(atob(cursor));
  return parts ? { createdAt: Number(parts[1]), runId: String(parts[2]) } : undefined;
}
