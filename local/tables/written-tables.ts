// Computes the documents with the tables that the code declares, and the schema of a new run. Reads files and writes no
// file.
//
// A Markdown file contains a table between `<!-- name -->` and `<!-- /name -->`. A table may be in any Markdown file.
import { existsSync, readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { commandExamples, commandsTable, connectionChecks, globalFlagsTable } from "./commands-text.ts";
import { deploymentChecks, projectChecks } from "./doctor-text.ts";
import { apiReference } from "../openapi/api-reference.ts";
import { fieldsTable, formatsTable } from "./fields-table.ts";
import { metricsTable } from "./metrics-table.ts";
import { VERIFIER, verifierChecksum, verifierModule } from "./verifier.ts";
import { NEWEST_SCHEMA, newestSchema } from "./newest-schema.ts";
import { secretsTable, varsTable, varsToml } from "./vars-text.ts";

export const TABLES: Readonly<Record<string, () => string>> = {
  vars: varsTable,
  secrets: secretsTable,
  fields: fieldsTable,
  formats: formatsTable,
  api: apiReference,
  commands: commandsTable,
  "global-flags": globalFlagsTable,
  "command-examples": commandExamples,
  metrics: metricsTable,
  verifier: verifierChecksum,
  "doctor-clone": projectChecks,
  "doctor-deployment": deploymentChecks,
  "doctor-connection": connectionChecks,
};
const TOML = "wrangler.toml";
const VARS_LINE = "\n[vars]\n";

export interface WrittenFile {
  path: string;
  /** The names of the tables in the file. */
  tables: string[];
  /** The present text of the file. */
  found: string;
  /** The text of the file with its tables up to date. */
  wanted: string;
}

export function writtenFiles(projectDir: string): WrittenFile[] {
  const documents = readdirSync(join(projectDir, "docs"), { recursive: true, encoding: "utf8" });
  const paths = [
    "README.md",
    ...documents.filter((path) => path.endsWith(".md")).map((path) => `docs/${path}`),
  ];
  const read = (path: string): string => readFileSync(join(projectDir, path), "utf8");
  const written = paths.map((path) => withTables(path, read(path))).filter(({ tables }) => tables.length > 0);
  const schema = join(projectDir, NEWEST_SCHEMA);
  const found = existsSync(schema) ? read(NEWEST_SCHEMA) : "";
  return [
    ...written,
    withVars(read(TOML)),
    {
      path: VERIFIER,
      tables: [],
      found: existsSync(join(projectDir, VERIFIER)) ? read(VERIFIER) : "",
      wanted: verifierModule(),
    },
    { path: NEWEST_SCHEMA, tables: [], found, wanted: newestSchema(projectDir) },
  ];
}

function withTables(path: string, found: string): WrittenFile {
  const tables = Object.keys(TABLES).filter((name) => found.includes(`<!-- ${name} -->\n`));
  let wanted = found;
  for (const name of tables) {
    const [head = "", rest = ""] = wanted.split(`<!-- ${name} -->\n`);
    const close = `<!-- /${name} -->`;
    const tail = rest.slice(rest.indexOf(close));
    if (!tail.startsWith(close)) throw new Error(`${path}: ${close} is missing`);
    wanted = `${head}<!-- ${name} -->\n\n${TABLES[name]!()}\n\n${tail}`;
  }
  return { path, tables, found, wanted };
}

function withVars(found: string): WrittenFile {
  const [head, ...rest] = found.split(VARS_LINE);
  if (rest.length !== 1) throw new Error(`${TOML}: expected one line [vars]`);
  return { path: TOML, tables: [], found, wanted: `${head}${VARS_LINE}${varsToml()}` };
}
