// The doctor against the local stack and against this clone, with planted faults.
import { createHash } from "node:crypto";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFile, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import type { DoctorLine } from "../../src/contract/doctor.ts";
import { CliProcess } from "../support/cli-process.ts";
import { API_TOKEN, sharedStack, tempDir } from "../support/stack.ts";

const VIEWER = "viewer-token-of-the-doctor";
const VIEWER_ENTRY = {
  name: "viewer",
  role: "viewer",
  sha256: createHash("sha256").update(VIEWER).digest("hex"),
};

interface Report {
  worst: string;
  local: DoctorLine[] | null;
  deployment: DoctorLine[] | null;
}

function outcomes(lines: readonly DoctorLine[] | null): Record<string, string> {
  return Object.fromEntries((lines ?? []).map(({ check, outcome }) => [check, outcome]));
}

/** Runs a script of this clone, as npm does. No variable of the test runner reaches it. */
async function script(args: readonly string[]): Promise<{ exit: number | null; text: string }> {
  const { PATH, HOME } = process.env;
  const child = spawn(process.execPath, args, {
    env: { PATH, HOME, CI: "true" },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let text = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (part: string) => void (text += part));
  }
  const [exit] = (await once(child, "close")) as [number | null];
  return { exit, text };
}

describe("the doctor of a deployment", () => {
  const stack = sharedStack({
    logs: { files: 4, lines: 400 },
    vars: { API_TOKENS: JSON.stringify([VIEWER_ENTRY]) },
  });
  let cli!: CliProcess;
  beforeAll(() => {
    cli = new CliProcess(stack().dev.url, API_TOKEN, stack().dir);
  });

  test("finds no fault in the local stack, and sends no line", async () => {
    const [report] = await cli.json<Report>(["doctor", "--deployment", "--signed-empty"]);
    expect(report?.local).toBeNull();
    expect(outcomes(report?.deployment ?? null)).toMatchObject({
      api: "answers",
      clock: "agrees",
      vars: "usable",
      callers: "named",
      objects: "answer",
      bucket: "readable",
      logs: "found",
      records: "readable",
      timestamps: "one_form",
      parent_ray_id: "usual",
      receiver: "answers",
      // The stand-in of the partner takes the signature, and refuses a body without a line.
      signature: "unclear",
    });
    expect(stack().receiver.stats().lines_received).toBe(0);
    const { out } = await cli.expect(0, ["doctor", "--deployment"]);
    expect(out).toMatch(/^deployment: warning\n {2}ok {7}api /);
  });

  test("ends with 4 for a token with the wrong role", async () => {
    const ended = await cli.expect(4, ["doctor", "--deployment"], { env: { BACKFILL_TOKEN: VIEWER } });
    expect(ended.out).toContain("403 not_allowed");
    expect(ended.out).toContain("next: Use a token with the role operator.");
  });

  test("finds an empty prefix and a receiver that refuses connections", async () => {
    await stack().dev.stop();
    const { dev } = await stack().restart({ LOG_PREFIX: "nothing/", CTYUN_ENDPOINT: "http://127.0.0.1:1" });
    const env = { BACKFILL_URL: dev.url };
    const ended = await cli.expect(1, ["doctor", "--deployment", "--json"], { env });
    const report = JSON.parse(ended.out) as Report;
    expect(report.worst).toBe("fault");
    expect(outcomes(report.deployment)).toMatchObject({
      logs: "empty",
      records: "not_looked_at",
      receiver: "silent",
    });
    expect(ended.out).not.toContain("127.0.0.1:1/");
  });
});

describe("the doctor of a clone", () => {
  test("finds no fault in this repository, by the command line in its folder", async () => {
    const cli = new CliProcess("", "", await tempDir());
    const [report] = await cli.json<Report>(["doctor", "--local", "--offline"], 0);
    expect(report?.deployment).toBeNull();
    expect(outcomes(report?.local ?? null)).toMatchObject({
      wrangler_file: "readable",
      secrets: "not_checked",
    });
    expect(report?.local?.filter(({ level }) => level === "fault")).toEqual([]);
  });

  test("finds a misspelt var, a lost consumer and a secret in wrangler.toml", async () => {
    const text = await readFile("wrangler.toml", "utf8");
    const planted = text
      .replace(/^LOG_PREFIX = /m, 'CTYUN_PRIVATE_KEY = "planted-secret"\nLOG_PREFX = ')
      .replace('dead_letter_queue = "send-dlq-backfill"', "");
    const file = join(await tempDir(), "wrangler.toml");
    await writeFile(file, planted.replace('main = "', `main = "${resolve(".")}/`));
    const { exit, text: said } = await script(["local/doctor.ts", "--offline", "--json", "--config", file]);
    expect(exit, said).toBe(1);
    const { lines } = JSON.parse(said) as { lines: DoctorLine[] };
    expect(outcomes(lines)).toMatchObject({
      vars: "misspelt",
      dead_letters: "wrong",
      secrets_in_file: "found",
      migrations: "complete",
    });
    expect(said).not.toContain("planted-secret");
  });

  test("names the place of an error in wrangler.toml", async () => {
    const file = join(await tempDir(), "wrangler.toml");
    await writeFile(file, 'name = "x\n');
    const { exit, text } = await script(["local/doctor.ts", "--offline", "--config", file]);
    expect(exit, text).toBe(1);
    expect(text).toMatch(/^fault +wrangler_file/);
  });
});

test(
  "builds, checks and tests before a deployment that is only a dry run",
  { timeout: 400_000 },
  async () => {
    const { exit, text } = await script(["local/deploy.ts", "--dry-run"]);
    expect(exit, text).toBe(0);
    const steps = ["build", "doctor", "tests of the configuration", "wrangler deploy"];
    expect([...text.matchAll(/^--- (.*)$/gm)].map(([, name]) => name)).toEqual(steps);
    expect(text).toContain("--dry-run: exiting now");
  },
);
