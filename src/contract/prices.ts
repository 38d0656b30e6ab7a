// Prices of Cloudflare in US dollars, beyond what the paid plan includes, as of November 2026. Per million unless stated
// otherwise. Every figure of cost in this project comes from here.

export const PRICE = {
  workerRequests: 0.3,
  workerCpuMs: 0.02,
  queueOperations: 0.4,
  objectRequests: 0.15,
  objectGbSeconds: 12.5,
  rowsWritten: 1,
  rowsRead: 0.001,
  /** put, list and the parts of a multipart upload. */
  classA: 4.5,
  /** get and head. Deleting is free. */
  classB: 0.36,
  /** The price of storing one GB for one month. */
  gbMonth: 0.015,
} as const;

export const MILLION = 1e6;
/** A queue bills three operations per message: write, read and delete. */
export const OPERATIONS_PER_MESSAGE = 3;
/** A Durable Object is billed for 128 MB, however much it uses. */
export const OBJECT_GB = 0.128;
