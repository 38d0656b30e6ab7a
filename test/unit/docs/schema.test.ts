// Compares docs/internals/schema.md and storage.md with the migrations: tables and columns.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { expect, it } from "vitest";
import { codes, document, firstCells, headings, section, tableRows } from "./markdown.ts";

const PAGE = "docs/internals/schema.md";
const OBJECTS = readdirSync("durable-objects").filter((object) => existsSync(folderOf(object)));

function folderOf(object: string): string {
  return `durable-objects/${object}/migrations`;
}

/** "table.column" of the schema of a Durable Object after its newest migration. Views count as tables. */
function declared(object: string): string[] {
  const db = new DatabaseSync(":memory:");
  for (const name of readdirSync(folderOf(object)).toSorted())
    db.exec(readFileSync(`${folderOf(object)}/${name}`, "utf8"));
  return db
    .prepare(
      `SELECT m.name || '.' || c.name AS path FROM sqlite_master m JOIN pragma_table_info(m.name) c
       WHERE m.type IN ('table', 'view')`,
    )
    .all()
    .map(({ path }) => String(path));
}

/** "table.column" of the page's section. `files_<state>` stands for every column with this beginning. */
function documented(object: string): string[] {
  const text = section(document(PAGE), object);
  const own = headings(text).filter((heading) => /^`\w+`$/.test(heading));
  const named = own.flatMap((heading) =>
    firstCells(text, heading).map((column) => `${heading.slice(1, -1)}.${column}`),
  );
  const rest = tableRows(text).flatMap(([cell = ""]) => {
    const [, table, columns] = /^`(\w+)`: (.+)$/.exec(cell) ?? [];
    return table === undefined ? [] : codes(columns ?? "").map((column) => `${table}.${column}`);
  });
  return [...named, ...rest];
}

function isMeantBy(entry: string): (path: string) => boolean {
  const pattern = new RegExp(`^${entry.replaceAll(/<\w+>/g, String.raw`\w+`)}$`);
  return (path) => pattern.test(path);
}

it.each(OBJECTS)("names every table and column of %s, and no other", (object) => {
  const columns = declared(object);
  const entries = documented(object);
  expect(columns.filter((path) => !entries.some((entry) => isMeantBy(entry)(path)))).toEqual([]);
  expect(entries.filter((entry) => !columns.some(isMeantBy(entry)))).toEqual([]);
  expect(new Set(entries).size).toBe(entries.length);
});

it.each(OBJECTS)("names every table of %s in storage.md", (object) => {
  const tables = new Set(declared(object).map((path) => path.split(".")[0] ?? ""));
  const rows = tableRows(document("docs/internals/storage.md"));
  const listed = new Set(rows.flatMap(([cell = ""]) => codes(cell)));
  expect([...tables].filter((table) => !listed.has(table))).toEqual([]);
});
