// A bucket in memory that can be listed. It has R2's order of keys, pages of 1,000 keys, delimiters and cursors. It
// counts the list operations.
import { keyOrder } from "../../src/listing/log-names.ts";

export interface FakeObject {
  key: string;
  size: number;
  uploadedAt: number;
}

/** A list of R2 objects in the order of R2. `at` may create an R2 object when it is read, so that millions of R2
 * objects need no memory. */
export interface Sorted {
  length: number;
  at: (n: number) => FakeObject;
}

export function sortedOf(objects: readonly FakeObject[]): Sorted {
  const sorted = objects.toSorted((a, b) => (a.key === b.key ? 0 : before(a.key, b.key) ? -1 : 1));
  return { length: sorted.length, at: (n) => sorted[n] as FakeObject };
}

export interface FakeBucket extends Pick<R2Bucket, "list"> {
  /** The options of all list operations so far. */
  asked: R2ListOptions[];
}

/** Makes a bucket. `beforeList` is called before each list operation with its number, counted from 1. `beforeList`
 * may wait or throw. */
export function fakeBucket(
  rooms: () => readonly Sorted[],
  beforeList: (list: number) => Promise<void> | void = () => {},
  pageKeys = 1_000,
): FakeBucket {
  const asked: R2ListOptions[] = [];
  const list = async (options: R2ListOptions = {}): Promise<R2Objects> => {
    asked.push(options);
    await beforeList(asked.length);
    const { prefix = "", delimiter, startAfter = "", cursor } = options;
    const after = cursor ?? startAfter;
    const objects: FakeObject[] = [];
    const prefixes: string[] = [];
    let last = after;
    let truncated = false;
    for (const sorted of rooms()) {
      let n = lowerBound(sorted, before(after, prefix) ? prefix : after, after);
      for (; n < sorted.length; n += 1) {
        const object = sorted.at(n);
        if (!object.key.startsWith(prefix)) break;
        const cut = delimiter === undefined ? -1 : object.key.indexOf(delimiter, prefix.length);
        const shown = cut < 0 ? object.key : object.key.slice(0, cut + 1);
        if (cut >= 0 && (prefixes.at(-1) === shown || after.startsWith(shown))) {
          n = lowerBound(sorted, `${shown}\u{10ffff}`, "") - 1;
          continue;
        }
        if (objects.length + prefixes.length === pageKeys) {
          truncated = true;
          break;
        }
        if (cut < 0) objects.push(object);
        else prefixes.push(shown);
        last = cut < 0 ? shown : `${shown}\u{10ffff}`;
      }
      if (truncated) break;
    }
    return {
      objects: objects.map(({ key, size, uploadedAt }) => ({
        key,
        size,
        etag: "etag",
        uploaded: new Date(uploadedAt),
      })),
      delimitedPrefixes: prefixes,
      truncated,
      cursor: last,
    } as unknown as R2Objects;
  };
  return { list, asked };
}

/** The first R2 object at or after `from` whose key is greater than `after`. */
function lowerBound({ length, at }: Sorted, from: string, after: string): number {
  let [low, high] = [0, length];
  while (low < high) {
    const middle = (low + high) >> 1;
    const { key } = at(middle);
    if (before(key, from) || (after !== "" && !before(after, key))) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Whether `a` comes before `b` in the order of R2: by their UTF-8 bytes. */
function before(a: string, b: string): boolean {
  return isAscii(a) && isAscii(b) ? a < b : keyOrder(a, b) < 0;
}

function isAscii(text: string): boolean {
  for (let at = 0; at < text.length; at += 1) if (text.charCodeAt(at) > 0x7f) return false;
  return true;
}
