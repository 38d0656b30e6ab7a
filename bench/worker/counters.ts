// Counts billed operations: R2 operations by class, queue messages, calls of Durable Objects, and rows that each SQL
// statement reads and writes. Wraps bindings and storage without changing what they do. Locally, Durable Objects
// and consumers share one isolate, so one record in this module counts all operations.

export interface StatementCount {
  calls: number;
  rowsRead: number;
  rowsWritten: number;
}
const NO_ROWS: StatementCount = { calls: 0, rowsRead: 0, rowsWritten: 0 };

export interface Counts {
  r2: Record<string, number>;
  messages: Record<string, number>;
  /** How many calls of `send` and `sendBatch` each producer made. */
  sends: Record<string, number>;
  calls: Record<string, number>;
  statements: Record<string, StatementCount>;
  /** The rows of `statements`, by the method that read or wrote them. The entry "" counts what alarm() does after
   * its first await. */
  rows: Record<string, StatementCount>;
}

/** The calls of R2 that are billed as class A. R2 has two prices. Put, list and multipart operations are class A.
 * Get and head are class B. Delete is free. */
export const CLASS_A = ["put", "putReport", "list", "createMultipartUpload", "uploadPart", "complete"];
export const CLASS_B = ["get", "head"];

export const counts: Counts = { r2: {}, messages: {}, sends: {}, calls: {}, statements: {}, rows: {} };

function bump(record: Record<string, number>, name: string, by = 1): void {
  record[name] = (record[name] ?? 0) + by;
}

export function resetCounts(): void {
  const none: Counts = { r2: {}, messages: {}, sends: {}, calls: {}, statements: {}, rows: {} };
  Object.assign(counts, none);
}

/** Wraps a JavaScript object. `record` is called before each method call. */
function observed<T extends object>(target: T, record: (name: string, args: unknown[]) => void): T {
  return new Proxy(target, {
    get(original, name) {
      const value: unknown = Reflect.get(original, name, original);
      if (typeof value !== "function" || typeof name !== "string") return value;
      return (...args: unknown[]): unknown => {
        record(name, args);
        return value.apply(original, args);
      };
    },
  });
}

function recordBucketCall(name: string, [key]: unknown[]): void {
  const isReport = name === "put" && typeof key === "string" && key.startsWith("backfill-reports/");
  bump(counts.r2, isReport ? "putReport" : name);
}

export function countedBucket(bucket: R2Bucket): R2Bucket {
  const upload = (one: R2MultipartUpload): R2MultipartUpload => observed(one, recordBucketCall);
  const counted = observed(bucket, recordBucketCall);
  return new Proxy(counted, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name, target);
      if (name !== "createMultipartUpload") return value;
      return async (...args: Parameters<R2Bucket["createMultipartUpload"]>) =>
        upload(await target.createMultipartUpload(...args));
    },
  });
}

export function countedQueue<Body>(queue: Queue<Body>, label: string): Queue<Body> {
  return observed(queue, (name, [messages]) => {
    bump(counts.sends, label);
    const many = name === "sendBatch" && Array.isArray(messages) ? messages.length : 1;
    bump(counts.messages, label, many);
  });
}

/** The name of the method that runs now. A method does all its SQL before its first await, so every row is counted
 * for the right method. */
let caller = "";

/** Counts the calls of all methods of a class. */
export function countCalls(prototype: object, label: string): void {
  for (const name of Object.getOwnPropertyNames(prototype)) {
    const method: unknown = Reflect.get(prototype, name);
    if (name === "constructor" || typeof method !== "function") continue;
    Object.defineProperty(prototype, name, {
      configurable: true,
      writable: true,
      value(this: object, ...args: unknown[]): unknown {
        bump(counts.calls, `${label}.${name}`);
        const outer = caller;
        caller = `${label}.${name}`;
        try {
          return method.apply(this, args);
        } finally {
          settleRows();
          caller = outer;
        }
      },
    });
  }
}

let isCounting = false;
let last: { cursor: SqlStorageCursor<Record<string, SqlStorageValue>>; statement: string } | null = null;

/** Counts rows for all Durable Objects of the isolate, so one call is enough. A cursor has its number of rows only
 * after all rows were read. So the rows of a statement are counted when the next statement begins. */
export function countRows(storage: DurableObjectStorage): void {
  if (isCounting) return;
  isCounting = true;
  const sql: { exec: SqlStorage["exec"] } = Object.getPrototypeOf(storage.sql);
  const { exec } = sql;
  sql.exec = function counted(this: SqlStorage, statement: string, ...bindings: unknown[]) {
    settleRows();
    const cursor = exec.call(this, statement, ...bindings);
    last = { cursor, statement };
    return cursor as never;
  };
  const own: { setAlarm: DurableObjectStorage["setAlarm"] } = Object.getPrototypeOf(storage);
  const { setAlarm } = own;
  own.setAlarm = function counted(this: DurableObjectStorage, ...args) {
    // Cloudflare bills an alarm as one written row.
    addRows("setAlarm", { rowsRead: 0, rowsWritten: 1 });
    return setAlarm.apply(this, args);
  };
}

export function settleRows(): void {
  if (last === null) return;
  const { cursor, statement } = last;
  last = null;
  addRows(statement.replaceAll(/\s+/g, " ").trim(), cursor);
}

function addRows(statement: string, rows: { rowsRead: number; rowsWritten: number }): void {
  for (const one of [
    (counts.statements[statement] ??= { ...NO_ROWS }),
    (counts.rows[caller] ??= { ...NO_ROWS }),
  ]) {
    one.calls += 1;
    one.rowsRead += rows.rowsRead;
    one.rowsWritten += rows.rowsWritten;
  }
}
