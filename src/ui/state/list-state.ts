// Which pages of a long list are shown. Pure.

/** The document holds at most so many pages of 200 rows. */
export const PAGES_SHOWN = 2;

export interface LoadedPage<Row> {
  cursor: string | null;
  rows: Row[];
  next: string | null;
}

export interface ListState<Row> {
  pages: LoadedPage<Row>[];
  /** Cursors of the pages before the shown ones. */
  before: (string | null)[];
}

/** Adds a page after the shown ones. Pure. */
export function withNext<Row>({ pages, before }: ListState<Row>, page: LoadedPage<Row>): ListState<Row> {
  const all = [...pages, page];
  const left = all.slice(0, Math.max(0, all.length - PAGES_SHOWN));
  return { pages: all.slice(left.length), before: [...before, ...left.map(({ cursor }) => cursor)] };
}

/** Adds the page before the shown ones. Pure. */
export function withEarlier<Row>({ pages, before }: ListState<Row>, page: LoadedPage<Row>): ListState<Row> {
  return { pages: [page, ...pages].slice(0, PAGES_SHOWN), before: before.slice(0, -1) };
}
