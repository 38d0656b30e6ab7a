// Decides which API a command talks to, and with which credentials.
import { execSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { userInfo } from "node:os";
import { FailedFault, UsageFault } from "../faults.ts";
import { BEIJING } from "../text/instants.ts";
import type { ConfigFile, Profile } from "./config-file.ts";

type Env = Readonly<Record<string, string | undefined>>;

export interface Target {
  /** Ends without a "/". */
  url: string;
  /** Null: BACKFILL_URL was used instead of a profile. */
  profile: string | null;
}

/** Uses --profile, else BACKFILL_URL, else the current profile.
 * @throws UsageFault when none of them is set. */
export function targetOf(
  named: string | undefined,
  env: Env,
  config: ConfigFile,
): Target & { settings: Profile } {
  const fromEnv = named === undefined ? env["BACKFILL_URL"] : undefined;
  if (fromEnv) {
    const url = checkedUrl(fromEnv, "BACKFILL_URL");
    return { url, profile: null, settings: { url } };
  }
  const profile = named ?? config.current;
  if (profile === null) {
    throw new UsageFault(
      "no API is named",
      "set BACKFILL_URL, or: logpush-backfill profile add NAME --url https://…",
    );
  }
  const settings = Object.hasOwn(config.profiles, profile) ? config.profiles[profile] : undefined;
  if (settings === undefined) {
    throw new UsageFault(`there is no profile "${profile}"`, "logpush-backfill profile list");
  }
  return { url: checkedUrl(settings.url, `the profile "${profile}"`), profile, settings };
}

/** Refuses http:// except for a loopback address, because a token must not cross a network unencrypted.
 * @throws UsageFault. */
export function checkedUrl(text: string, where: string): string {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null || !/^https?:$/.test(url.protocol)) {
    throw new UsageFault(`${where}: "${text}" is no https address`);
  }
  const isLoopback = /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(url.hostname);
  if (url.protocol === "http:" && !isLoopback) {
    throw new UsageFault(`${where}: ${url.origin} would send the token unencrypted; use https`);
  }
  if (url.username !== "" || url.password !== "" || url.search !== "" || url.hash !== "") {
    throw new UsageFault(`${where}: expected an address without user, query and fragment`);
  }
  return (url.origin + url.pathname).replace(/\/+$/, "");
}

/** How long a token command may run, in ms. */
const TOKEN_COMMAND_MS = 30_000;

/** Uses --token-file, else BACKFILL_TOKEN, else the source in the profile. Null: none of them is set. */
export function tokenOf(tokenFile: string | undefined, env: Env, settings: Profile): string | null {
  if (tokenFile !== undefined) return tokenInFile(tokenFile);
  if (env["BACKFILL_TOKEN"]) return checkedToken(env["BACKFILL_TOKEN"], "BACKFILL_TOKEN");
  if (settings.token_file !== undefined) return tokenInFile(settings.token_file);
  return settings.token_command === undefined ? null : printedToken(settings.token_command);
}

function tokenInFile(path: string): string {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    throw new FailedFault(`the token file cannot be read: ${(error as Error).message}`);
  }
  return checkedToken(text, `the token file ${path}`);
}

function printedToken(command: string): string {
  let text: string;
  try {
    text = execSync(command, {
      encoding: "utf8",
      timeout: TOKEN_COMMAND_MS,
      stdio: ["inherit", "pipe", "inherit"],
    });
  } catch (error) {
    const { status } = error as { status?: number | null };
    throw new FailedFault(`the token command failed (exit ${status ?? "by signal"}): ${command}`);
  }
  return checkedToken(text, "the output of the token command");
}

/** Its error never contains the text, because the text may be a secret. */
function checkedToken(text: string, where: string): string {
  const token = text.trim();
  if (!/^[\u0021-\u007e]+$/.test(token))
    throw new FailedFault(`${where} is no token: expected one printable word`);
  return token;
}

/** The headers that identify the caller. A service token of Cloudflare Access may replace the token. */
export function credentialHeaders(token: string | null, env: Env, settings: Profile): Record<string, string> {
  const id = env["CF_ACCESS_CLIENT_ID"];
  const secret = env["CF_ACCESS_CLIENT_SECRET"];
  const actor = env["BACKFILL_ACTOR"] ?? settings.actor ?? userName();
  return {
    ...(token !== null && { Authorization: `Bearer ${token}` }),
    ...(id && secret && { "CF-Access-Client-Id": id, "CF-Access-Client-Secret": secret }),
    // HTTP headers allow only these characters, and the API refuses a longer name.
    ...(/^[\u0020-\u007e]{1,100}$/.test(actor) && actor.trim() !== "" && { "X-Actor": actor }),
  };
}

function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return "";
  }
}

/** The zone in which times are shown in addition to UTC. */
export function zoneOf(named: string | undefined, settings: Profile | null): string {
  return named ?? settings?.zone ?? BEIJING;
}
