// `npm run tables`: writes the tables that the code declares (vars, secrets, fields of the line) into the documents
// and wrangler.toml, and the schema of a new run.
import { writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { writtenFiles } from "./tables/written-tables.ts";

const PROJECT_DIR = resolve(import.meta.dirname, "..");

for (const { path, found, wanted } of writtenFiles(PROJECT_DIR)) {
  if (found === wanted) continue;
  writeFileSync(join(PROJECT_DIR, path), wanted);
  process.stdout.write(`${path} is written\n`);
}
