// Counts billed operations: R2 operations by class, queue messages, object calls, rows read and written by
// statement. Wraps bindings and storage without changing what they do. Only the bench uses this file.
//
// Locally the objects and the consumers share one isolate, so one module-level record sees every operation.

export interface StatementCount {
  calls: number;
  rowsRead: number;
  rowsWritten: number;
}
const NO_ROWS: StatementCount = { calls: 0, rowsRead: 0, rowsWritten: 0 };

export interface Counts {
  r2: Record<string, number>;
  messages: Record<string, number>;
  /** How many single sends and batch sends a producer made. */
  sends: Record<string, number>;
  calls: Record<string, number>;
  statements: Record<string, StatementCount>;
  /** The same rows by the call of the object that touched them. The entry "" holds the work of a clock after its
   * first await. */
  rows: Record<string, StatementCount>;
}

/** Prices differ by class: put, list and multipart are A, get and head are B, delete is free. */
export const CLASS_A = ["put", "putReport", "list", "createMultipartUpload", "uploadPart", "complete"];
export const CLASS_B = ["get", "head"];

export const counts: Counts = { r2: {}, messages: {}, sends: {}, calls: {}, statements: {}, rows: {} };

export function bump(record: Record<string, number>, name: string, by = 1): void {
  record[name] = (record[name] ?? 0) + by;
}

export function resetCounts(): void {
  const none: Counts = { r2: {}, messages: {}, sends: {}, calls: {}, statements: {}, rows: {} };
  Object.assign(counts, none);
}

/** Wraps an object so that each call is passed to `record` first. */
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

/** The name of the call under way. A verb does all its SQL before its first await, so this name is right for every
 * row. */
let caller = "";

/** Counts the calls of a class's methods. */
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

/** Counts rows for all objects of the isolate, so it is installed once. A cursor knows its number of rows only
 * after it was read to its end. So the next statement adds this number. */
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
    // An alarm is billed as one row written.
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
