// Reads what the doctor checks in a clone: wrangler.toml, and the names of the deployed Worker's secrets.
import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify, stripVTControlCharacters } from "node:util";
import type { ProjectFacts } from "./judge-project.ts";
import { readWranglerConfig } from "./wrangler-config.ts";

/** How long to wait for wrangler, which asks Cloudflare. Without a network it does not answer earlier. */
const WRANGLER_MS = 30_000;
const MAX_DETAIL_CHARS = 300;

/** Gathers the facts about a clone. With `isOffline`, the names of the deployment's secrets are not read. */
export async function gatherProject(
  projectDir: string,
  file: string,
  isOffline: boolean,
): Promise<ProjectFacts> {
  const facts: ProjectFacts = {
    config: null,
    unreadable: "",
    secrets: null,
    secretsNotChecked: "not asked, because of --offline",
  };
  try {
    facts.config = readWranglerConfig(file);
  } catch (error) {
    return { ...facts, unreadable: oneLine(error) };
  }
  if (isOffline) return facts;
  try {
    return { ...facts, secrets: await secretNames(projectDir, file) };
  } catch {
    // The doctor does not show wrangler's long explanation. Possible causes: no login, no network, or the Worker does
    // not exist yet.
    return { ...facts, secretsNotChecked: "wrangler secret list gave no answer" };
  }
}

async function secretNames(projectDir: string, file: string): Promise<string[]> {
  const wrangler = join(projectDir, "node_modules/wrangler/bin/wrangler.js");
  const args = [wrangler, "secret", "list", "--format", "json", "--config", file];
  const { stdout } = await promisify(execFile)(process.execPath, args, {
    cwd: projectDir,
    timeout: WRANGLER_MS,
    env: { ...process.env, CI: "true", WRANGLER_SEND_METRICS: "false", WRANGLER_HIDE_BANNER: "true" },
  });
  const listed = JSON.parse(stdout) as { name: string }[];
  return listed.map(({ name }) => name);
}

function oneLine(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return stripVTControlCharacters(text).replaceAll(/\s+/g, " ").trim().slice(0, MAX_DETAIL_CHARS);
}
