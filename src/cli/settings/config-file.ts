// The file with the profiles: $XDG_CONFIG_HOME/logpush-backfill/config.json. A profile contains the address of an API
// and the source of its token. The file never contains a token.
import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import { FailedFault } from "../faults.ts";

export interface Profile {
  url: string;
  /** The path of a file that contains the token. */
  token_file?: string;
  /** A shell command that prints the token. */
  token_command?: string;
  /** The zone in which times are shown in addition to UTC. */
  zone?: string;
  /** The name that is sent as X-Actor and recorded with every change. */
  actor?: string;
}

export interface ConfigFile {
  /** The profile that is used when neither --profile nor BACKFILL_URL is given. */
  current: string | null;
  profiles: Record<string, Profile>;
}

type Env = Readonly<Record<string, string | undefined>>;

export function configPath(env: Env): string {
  const base = env["XDG_CONFIG_HOME"] || join(env["HOME"] ?? homedir(), ".config");
  return join(base, "logpush-backfill", "config.json");
}

export function readConfigFile(env: Env): ConfigFile {
  const path = configPath(env);
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return { current: null, profiles: {} };
    throw new FailedFault(`${path}: ${(error as Error).message}`);
  }
  const config = parseConfig(text);
  if (config === null) throw new FailedFault(`${path} is no file of profiles`, `correct or delete ${path}`);
  return config;
}

/** Reads the text of the file of profiles. Null: the text is not a valid one. Does no I/O. */
export function parseConfig(text: string): ConfigFile | null {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return null;
  }
  if (!isRecord(json) || !isRecord(json["profiles"])) return null;
  const { current = null, profiles } = json;
  if (current !== null && typeof current !== "string") return null;
  const entries = Object.entries(profiles);
  if (!entries.every(([, profile]) => isProfile(profile))) return null;
  return { current, profiles: Object.fromEntries(entries) as Record<string, Profile> };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isProfile(value: unknown): value is Profile {
  if (!isRecord(value) || typeof value["url"] !== "string") return false;
  return Object.values(value).every((member) => typeof member === "string");
}

/** Replaces the whole file at once. Only its owner can read it, because a token command may contain secrets. */
export function writeConfigFile(env: Env, config: ConfigFile): void {
  const path = configPath(env);
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    writeFileSync(`${path}.new`, `${JSON.stringify(config, null, 2)}\n`, { mode: 0o600 });
    renameSync(`${path}.new`, path);
  } catch (error) {
    throw new FailedFault(`${path}: ${(error as Error).message}`);
  }
}
