// `npm run doctor`: checks this clone before its deployment. `logpush-backfill doctor` runs it with --json.
import { resolve } from "node:path";
import { worstOf } from "../src/contract/doctor.ts";
import { flagsOf, readFlags } from "./command-line.ts";
import { gatherProject } from "./doctor/gather-project.ts";
import { judgeProject } from "./doctor/judge-project.ts";
import { textOf } from "./doctor/print-lines.ts";

const PROJECT_DIR = resolve(import.meta.dirname, "..");
const USAGE = `usage: npm run doctor -- [flags]
  checks wrangler.toml, vars and names of secrets; exits with 1 on a fault
  --config FILE  check this file instead of wrangler.toml
  --offline      do not ask wrangler for the names of secrets
  --json         print one JSON document`;

const flags = flagsOf({ name: "doctor", usage: USAGE }, (args) =>
  readFlags(args, { config: { type: "string" }, offline: { type: "boolean" }, json: { type: "boolean" } }),
);
const file = resolve(PROJECT_DIR, flags.config ?? "wrangler.toml");
const lines = judgeProject(await gatherProject(PROJECT_DIR, file, flags.offline === true));
const worst = worstOf(lines);
console.log(flags.json === true ? JSON.stringify({ worst, lines }) : textOf(lines));
process.exitCode = worst === "fault" ? 1 : 0;
