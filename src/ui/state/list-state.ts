// Decides which pages of a long list are in the document. Does no I/O.

/** How many pages of 200 rows the document contains at most. */
export const PAGES_SHOWN = 2;

export interface LoadedPage<Row> {
  cursor: string | null;
  rows: Row[];
  next: string | null;
}

export interface ListState<Row> {
  pages: LoadedPage<Row>[];
  /** The cursors of the pages before the shown ones. */
  before: (string | null)[];
}

/** Adds the next page at the end. */
export function withNext<Row>({ pages, before }: ListState<Row>, page: LoadedPage<Row>): ListState<Row> {
  const all = [...pages, page];
  const left = all.slice(0, Math.max(0, all.length - PAGES_SHOWN));
  return { pages: all.slice(left.length), before: [...before, ...left.map(({ cursor }) => cursor)] };
}

/** Adds the previous page at the beginning. */
export function withEarlier<Row>({ pages, before }: ListState<Row>, page: LoadedPage<Row>): ListState<Row> {
  return { pages: [page, ...pages].slice(0, PAGES_SHOWN), before: before.slice(0, -1) };
}
