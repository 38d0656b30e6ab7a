// Reads the flags of `npm run dev` into checked values. Touches the disk only to see whether a path exists.
import { existsSync, statSync } from "node:fs";
import { resolve } from "node:path";
import { portFlag, readFlags, UsageError } from "../command-line.ts";

export interface DevFlags {
  /** 0: any free port. The `ready` line shows the port. */
  port: number;
  stateDir: string;
  /** The directory of the logs to load. Null: the bucket stays as it is. */
  logsDir: string | null;
  /** Vars that override those of wrangler.toml, and secrets. */
  vars: Record<string, string>;
  configPath: string;
  /** True: the Worker is reloaded when the sources or the configuration change. */
  watch: boolean;
  /** True: dist/ is up to date, so the start builds nothing. */
  isBuilt: boolean;
  /** True: the process ends when its stdin closes. stdin closes when the parent dies, however the parent dies. */
  untilStdinEnds: boolean;
}

export const DEV_USAGE = `usage: npm run dev -- [--port P] [--state DIR] [--logs DIR] [--var KEY:VALUE]... [--config FILE] [--watch] [--built] [--until-stdin-ends]
  --port P          port on 127.0.0.1; 0 picks a free one (default 8787)
  --state DIR       where Durable Objects and R2 persist (default .state)
  --logs DIR        every file below DIR is put into the local R2 bucket under its relative path
  --var KEY:VALUE   a var or secret; split at the first colon; overrides wrangler.toml; repeatable
  --config FILE     the Worker's configuration (default wrangler.toml of this project)
  --watch           reloads when the sources or the configuration change
  --built           dist/ is up to date: builds nothing
  --until-stdin-ends  for a parent process: ends when it does
  --help            this`;

const PROJECT_DIR = resolve(import.meta.dirname, "../..");

export function parseDevFlags(args: string[]): DevFlags {
  const values = readFlags(args, {
    port: { type: "string" },
    state: { type: "string" },
    logs: { type: "string" },
    var: { type: "string", multiple: true },
    config: { type: "string" },
    watch: { type: "boolean", default: false },
    built: { type: "boolean", default: false },
    "until-stdin-ends": { type: "boolean", default: false },
  });
  const logsDir = values.logs === undefined ? null : resolve(values.logs);
  if (logsDir !== null && !statSync(logsDir, { throwIfNoEntry: false })?.isDirectory()) {
    throw new UsageError(`--logs: ${values.logs} is not a directory`);
  }
  const stateDir = resolve(values.state ?? ".state");
  if (existsSync(stateDir) && !statSync(stateDir).isDirectory()) {
    throw new UsageError(`--state: ${values.state} is not a directory`);
  }
  const configPath = resolve(values.config ?? `${PROJECT_DIR}/wrangler.toml`);
  if (!existsSync(configPath)) throw new UsageError(`--config: there is no file ${values.config}`);
  return {
    port: portFlag("--port", values.port ?? "8787"),
    stateDir,
    logsDir,
    vars: parseVars(values.var ?? []),
    configPath,
    watch: values.watch,
    isBuilt: values.built,
    untilStdinEnds: values["until-stdin-ends"],
  };
}

function parseVars(pairs: string[]): Record<string, string> {
  const vars: Record<string, string> = {};
  for (const pair of pairs) {
    const colon = pair.indexOf(":");
    // The given value may be a secret, so the message shows only the expected form.
    if (colon < 1) throw new UsageError("--var needs KEY:VALUE with a key before the first colon");
    const key = pair.slice(0, colon);
    if (!/^[A-Za-z_]\w*$/.test(key)) throw new UsageError(`--var: "${key}" is not a name of a var`);
    vars[key] = pair.slice(colon + 1);
  }
  return vars;
}
