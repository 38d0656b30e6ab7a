// Completion scripts. bash runs the script that it gets.
import { execFileSync, spawnSync } from "node:child_process";
import { resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { DIST_DIR } from "../../../local/build/dist-dir.ts";
import { runCli } from "../../support/cli-io.ts";

const RUN = "20260422T140000Z_20260422T150000Z_20260423T010203Z";
const { out: script } = await runCli(["completion", "bash"]);

/** What bash offers for the last word. The command itself answers with one run id. */
function offered(...line: string[]): string[] {
  const probe = `${script}
logpush-backfill() { echo ${RUN}; }
COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _logpush_backfill; printf '%s\\n' "\${COMPREPLY[@]}"`;
  const args = ["--norc", "-c", probe, "bash", "logpush-backfill", ...line];
  return execFileSync("bash", args, { encoding: "utf8" }).trim().split("\n");
}

describe("completion in bash", () => {
  it("offers commands, and commands below them", () => {
    expect(offered("qu")).toEqual(["queue"]);
    expect(offered("queue", "")).toEqual(expect.arrayContaining(["add", "list", "pause"]));
    expect(offered("queue", "")).not.toContain("runs");
  });

  it("offers flags of the command, and the global flags", () => {
    expect(offered("watch", "active", "--")).toEqual(
      expect.arrayContaining(["--until", "--strict", "--json"]),
    );
    expect(offered("queue", "add", "--sk")).toEqual(["--skip-sent"]);
  });

  it("offers the choices of a flag and of an argument", () => {
    expect(offered("watch", "active", "--until", "")).toEqual(["delivered", "attention", "cleaned"]);
    expect(offered("completion", "f")).toEqual(["fish"]);
    expect(offered("batch", "resolve", RUN, "1", "de")).toEqual(["delivered"]);
  });

  it("is registered by the line that the help shows, with the built command", () => {
    const probe = `logpush-backfill() { "$NODE" "$FILE" "$@"; }
eval "$(logpush-backfill completion bash)"
complete -p logpush-backfill
COMP_WORDS=(logpush-backfill queue add --from); COMP_CWORD=3
registered=$(complete -p logpush-backfill); registered=\${registered##*-F }
\${registered% *}; echo "\${COMPREPLY[@]}"`;
    const env = { PATH: process.env["PATH"], NODE: process.execPath, FILE: resolve(DIST_DIR, "ui/logpush-backfill.mjs") }; // prettier-ignore
    const out = execFileSync("bash", ["--norc", "-c", probe], { encoding: "utf8", env });
    expect(out).toBe("complete -o default -F _logpush_backfill logpush-backfill\n--from-coverage\n");
  });

  it("offers runs where a run is expected", () => {
    expect(offered("watch", "20")).toEqual([RUN]);
    expect(offered("file", "retry", "act")).toEqual(["active"]);
    expect(offered("queue", "20")).toEqual([""]);
  });
});

it.each(["zsh", "fish"])("prints a script for %s that knows every command", async (shell) => {
  const { exit, out } = await runCli(["completion", shell]);
  expect(exit).toBe(0);
  for (const word of ["late-take", "--from-coverage", "evidence"]) expect(out).toContain(word);
  expect(out).not.toContain("undefined");
});

describe.each(["zsh", "fish"])("the script for %s", (shell) => {
  const isInstalled = spawnSync(shell, ["--version"]).status === 0;
  it.skipIf(!isInstalled)("has no syntax error (skipped where the shell is not installed)", async () => {
    const { out } = await runCli(["completion", shell]);
    const { status, stderr } = spawnSync(shell, ["-n"], { input: out, encoding: "utf8" });
    expect(status, stderr).toBe(0);
  });
});
