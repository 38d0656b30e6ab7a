// Reads lists of the API page by page.
import type { Page } from "../../contract/states.ts";
import type { Api, Query } from "./api.ts";

const LARGEST_PAGE = 1_000;

/** Yields the items of a list, one page at a time. With `most` null, yields all items. A page may be short or empty
 * although another page follows. */
export async function* pagesOf<T>(
  api: Api,
  path: string,
  query: Query,
  most: number | null,
): AsyncGenerator<{ items: T[]; hasMore: boolean }> {
  let left = most ?? Number.POSITIVE_INFINITY;
  let cursor: string | null = null;
  do {
    const page: Page<T> = await api.get<Page<T>>(path, {
      ...query,
      limit: Math.min(left, LARGEST_PAGE),
      cursor,
    });
    left -= page.items.length;
    cursor = page.next_cursor;
    yield { items: page.items, hasMore: cursor !== null };
  } while (cursor !== null && left > 0);
}

export async function allOf<T>(api: Api, path: string, query: Query = {}): Promise<T[]> {
  const items: T[] = [];
  for await (const page of pagesOf<T>(api, path, query, null)) items.push(...page.items);
  return items;
}
