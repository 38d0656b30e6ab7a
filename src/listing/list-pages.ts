// Reads one page of keys from R2, with a rate limit and retries. All listings of one Durable Object share the rate
// limit.
import pRetry from "p-retry";
import pThrottle from "p-throttle";
import type { ListPage } from "./list-tasks.ts";

/** The most list operations per second: twice the rate of five parallel lists that take 100 ms each. R2 bills a
 * list as a class A operation, so a run must not make too many. */
const LISTS_PER_SECOND = 100;
/** A failed page is tried again after about 0.2 s and 0.4 s. When all three tries failed, the clock waits 1 s to
 * 30 s. */
const RETRIES = 2;
const FIRST_WAIT_MS = 200;

export type Lists = (options: R2ListOptions) => Promise<R2Objects>;

/** `bucket.list` below the rate limit, with retries. */
export function patientLists(bucket: Pick<R2Bucket, "list">, clock: () => number): Lists {
  const throttled = () =>
    pThrottle({ limit: LISTS_PER_SECOND, interval: 1_000, strict: true })((options: R2ListOptions) =>
      bucket.list(options),
    );
  let limited = throttled();
  let newest = 0;
  const list = (options: R2ListOptions): Promise<R2Objects> => {
    const now = clock();
    // The throttle remembers times. After the clock was set back it would wait until those times.
    if (now < newest) limited = throttled();
    newest = now;
    return limited(options);
  };
  return (options) =>
    pRetry(() => list(options), { retries: RETRIES, minTimeout: FIRST_WAIT_MS, randomize: true });
}

export function listPages(list: Lists): ListPage {
  return async ({ kind, prefix, startAfter }) => {
    const options: R2ListOptions = { prefix };
    if (startAfter !== null) options.startAfter = startAfter;
    if (kind !== "keys" && kind !== "look") options.delimiter = "/";
    let page = await list(options);
    // A page may be empty and have a successor. Only R2's own cursor leads past it.
    while (page.truncated && page.objects.length + page.delimitedPrefixes.length === 0) {
      page = await list({ ...options, cursor: page.cursor });
    }
    const keys = page.objects.map((object) => ({
      key: object.key,
      size: object.size,
      etag: object.etag,
      uploadedAt: object.uploaded.getTime(),
    }));
    return { keys, folders: page.delimitedPrefixes, truncated: page.truncated };
  };
}
