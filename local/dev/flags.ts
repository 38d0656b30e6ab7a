// The flags of `npm run dev`: text in, checked values out. Never touches the disk beyond looking whether a path exists.
import { existsSync, statSync } from "node:fs";
import { resolve } from "node:path";
import { parseArgs } from "node:util";

export interface DevFlags {
  /** 0 = any free port; the `ready` line names it. */
  port: number;
  stateDir: string;
  /** null = the bucket stays as it is. */
  logsDir: string | null;
  /** Overrides wrangler.toml's vars; secrets are given the same way. */
  vars: Record<string, string>;
  configPath: string;
  /** Ends with its starter: the other end of stdin closes when that dies, however it dies. */
  untilStdinEnds: boolean;
}

/** Something the caller can put right; shown with the usage, exit code 2. */
export class DevFlagsError extends Error {}

export const DEV_USAGE = `usage: npm run dev -- [--port P] [--state DIR] [--logs DIR] [--var KEY:VALUE]... [--config FILE] [--until-stdin-ends]
  --port P          port on 127.0.0.1; 0 picks a free one (default 8787)
  --state DIR       where Durable Objects and R2 persist (default .state)
  --logs DIR        every file below DIR is put into the local R2 bucket under its relative path
  --var KEY:VALUE   a var or secret; split at the first colon; overrides wrangler.toml; repeatable
  --config FILE     the Worker's configuration (default wrangler.toml of this project)
  --until-stdin-ends  for a parent process: ends when it does`;

const PROJECT_DIR = resolve(import.meta.dirname, "../..");

export function parseDevFlags(args: string[]): DevFlags {
  const values = readValues(args);
  const logsDir = values.logs === undefined ? null : resolve(values.logs);
  if (logsDir !== null && !statSync(logsDir, { throwIfNoEntry: false })?.isDirectory()) {
    throw new DevFlagsError(`--logs: ${values.logs} is not a directory`);
  }
  const stateDir = resolve(values.state ?? ".state");
  if (existsSync(stateDir) && !statSync(stateDir).isDirectory()) {
    throw new DevFlagsError(`--state: ${values.state} is not a directory`);
  }
  const configPath = resolve(values.config ?? `${PROJECT_DIR}/wrangler.toml`);
  if (!existsSync(configPath)) throw new DevFlagsError(`--config: there is no file ${values.config}`);
  return {
    port: parsePort(values.port ?? "8787"),
    stateDir,
    logsDir,
    vars: parseVars(values.var ?? []),
    configPath,
    untilStdinEnds: values["until-stdin-ends"],
  };
}

function readValues(args: string[]) {
  try {
    return parseArgs({
      args,
      strict: true,
      allowPositionals: false,
      options: {
        port: { type: "string" },
        state: { type: "string" },
        logs: { type: "string" },
        var: { type: "string", multiple: true },
        config: { type: "string" },
        "until-stdin-ends": { type: "boolean", default: false },
      },
    }).values;
  } catch (error) {
    throw new DevFlagsError(error instanceof Error ? error.message : String(error));
  }
}

function parsePort(text: string): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : NaN;
  if (!(port <= 65_535)) throw new DevFlagsError(`--port must be 0–65535, not "${text}"`);
  return port;
}

function parseVars(pairs: string[]): Record<string, string> {
  const vars: Record<string, string> = {};
  for (const pair of pairs) {
    const colon = pair.indexOf(":");
    // The value may be a secret: the message names the form, never the text.
    if (colon < 1) throw new DevFlagsError("--var needs KEY:VALUE with a key before the first colon");
    const key = pair.slice(0, colon);
    if (!/^[A-Za-z_]\w*$/.test(key)) throw new DevFlagsError(`--var: "${key}" is not a name of a var`);
    vars[key] = pair.slice(colon + 1);
  }
  return vars;
}
