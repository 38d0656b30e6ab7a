// Counts the rows that SQLite reads and writes in a Durable Object during some work, including alarms.
import { runInDurableObject } from "cloudflare:test";

export async function countRows(
  stub: DurableObjectStub,
  work: () => Promise<unknown>,
): Promise<{ read: number; written: number }> {
  const cursors: SqlStorageCursor<Record<string, SqlStorageValue>>[] = [];
  const prototype: SqlStorage = await runInDurableObject(stub, (_object, { storage }) =>
    Object.getPrototypeOf(storage.sql),
  );
  // oxlint-disable-next-line typescript/unbound-method -- called on the same object below
  const { exec } = prototype;
  prototype.exec = function counted(this: SqlStorage, statement: string, ...bindings: unknown[]) {
    const cursor = exec.call(this, statement, ...bindings);
    cursors.push(cursor);
    return cursor as never;
  };
  try {
    await work();
  } finally {
    prototype.exec = exec;
  }
  return {
    read: cursors.reduce((sum, cursor) => sum + cursor.rowsRead, 0),
    written: cursors.reduce((sum, cursor) => sum + cursor.rowsWritten, 0),
  };
}
