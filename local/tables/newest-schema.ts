// The schema of a run after all migrations, as one text of SQL. A new run gets this schema at once, which takes much
// less time than the migrations one after the other.
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync, type SQLOutputValue } from "node:sqlite";

const MIGRATIONS = "durable-objects/backfill-run/migrations";
export const NEWEST_SCHEMA = "durable-objects/backfill-run/ledger/newest-schema.sql";
const HEAD =
  "-- Written by `npm run tables` from ../migrations. Only an empty database gets this schema.\n\n";

/** Tables, views and indexes in the order of their creation, then their first rows. */
export function newestSchema(projectDir: string): string {
  const db = new DatabaseSync(":memory:");
  const folder = join(projectDir, MIGRATIONS);
  for (const name of readdirSync(folder).toSorted()) db.exec(readFileSync(join(folder, name), "utf8"));
  const statements = db
    .prepare("SELECT sql FROM sqlite_master WHERE sql IS NOT NULL ORDER BY rowid")
    .all()
    .map(({ sql }) => formatted(String(sql)));
  const tables = db.prepare("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY rowid").all();
  const rows = tables.flatMap(({ name }) => insertions(db, String(name)));
  db.close();
  return HEAD + [...statements, ...rows].map((statement) => `${statement};\n`).join("");
}

/** The rows that the migrations put into an empty table. A column with its default is left out. */
function insertions(db: DatabaseSync, table: string): string[] {
  const columns = db
    .prepare(`SELECT name, coalesce(dflt_value, 'NULL') AS usual FROM pragma_table_info('${table}')`)
    .all();
  return db
    .prepare(`SELECT * FROM ${table}`)
    .all()
    .map((row) => {
      const given = columns
        .map(({ name, usual }) => ({
          name: String(name),
          value: literal(row[String(name)]),
          usual: String(usual),
        }))
        .filter(({ value, usual }) => value !== usual);
      const names = given.map(({ name }) => name).join(", ");
      return `INSERT INTO ${table} (${names}) VALUES (${given.map(({ value }) => value).join(", ")})`;
    });
}

function literal(value: SQLOutputValue | undefined): string {
  if (typeof value === "number") return String(value);
  if (typeof value === "string") return `'${value.replaceAll("'", "''")}'`;
  return "NULL";
}

/** Without comments. A table has one line for each column and constraint, anything else is one line. */
function formatted(statement: string): string {
  const text = statement
    .replaceAll(/--[^\n]*/g, "")
    .replaceAll(/\s+/g, " ")
    .replaceAll(/ (?=[,)])/g, "")
    .replaceAll("( ", "(");
  if (!text.startsWith("CREATE TABLE")) return text;
  const open = text.indexOf("(");
  const close = text.lastIndexOf(")");
  const parts = topLevelParts(text.slice(open + 1, close));
  return `${text.slice(0, open)}(\n${parts.map((part) => `  ${part}`).join(",\n")}\n${text.slice(close)}`;
}

/** Splits at the commas outside parentheses. */
function topLevelParts(text: string): string[] {
  const parts = [""];
  let depth = 0;
  for (const char of text) {
    if (char === "(") depth += 1;
    if (char === ")") depth -= 1;
    if (char === "," && depth === 0) parts.push("");
    else parts[parts.length - 1] += char;
  }
  return parts.map((part) => part.trim());
}
