// Tests what every script answers before it does anything: to --help, and to an unknown flag.
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";

const SCRIPTS = ["build", "screenshots", "dev", "demo", "generate", "receiver", "bench", "test:chaos"];
const { scripts }: { scripts: Record<string, string> } = JSON.parse(readFileSync("package.json", "utf8"));

function run(name: string, ...args: string[]) {
  const path = /^exec node (\S+)$/.exec(scripts[name] ?? "")?.[1];
  // Without exec, the shell between npm and the script would not pass on the signal.
  expect(path, `${name} is started with exec`).toBeDefined();
  return spawnSync(process.execPath, [path ?? "", ...args], { encoding: "utf8" });
}

test.each(SCRIPTS)("makes %s answer --help, and refuse an unknown flag in one line", (name) => {
  const help = run(name, "--help");
  expect([help.status, help.stderr]).toEqual([0, ""]);
  expect(help.stdout).toMatch(new RegExp(`^usage: npm run ${name}`));

  const unknown = run(name, "--no-such-flag");
  expect([unknown.status, unknown.stdout]).toEqual([2, ""]);
  expect(unknown.stderr).toBe(
    `${name}: there is no flag --no-such-flag (npm run ${name} -- --help shows all flags)\n`,
  );
});

test.each(["generate", "demo"])("makes %s take an instant only as the API does", (name) => {
  const given = name === "demo" ? ["--logs", "."] : ["--out", "/nowhere"];
  for (const start of ["2026-04-22T14:00:00", "2026-04-22 14:00", "2026-04-22T14:00:00.5Z", "1776866400"]) {
    const { status, stderr } = run(name, ...given, "--start", start, "--end", "2026-04-22T15:00:00Z");
    expect([status, stderr]).toEqual([2, expect.stringContaining(`--start "${start}": `)]);
  }
});
