// The tree of commands: every route is reached, every example works, and what is wrong is refused with a suggestion.
import type { Command } from "commander";
import { describe, expect, it } from "vitest";
import { infoOf } from "../../../src/cli/program/commands.ts";
import { makeProgram } from "../../../src/cli/program/program.ts";
import { ROUTE_ROLES } from "../../../src/http/route-roles.ts";
import { fakeIo, runCli } from "../../support/cli-io.ts";

const tree = makeProgram("1.2.3", fakeIo(), () => Promise.resolve());

function below(command: Command): Command[] {
  return [command, ...command.commands.flatMap(below)];
}

function nameOf(command: Command): string {
  return command.parent ? `${nameOf(command.parent)} ${command.name()}`.trim() : "";
}

const COMMANDS = below(tree).slice(1);
const ACTING = COMMANDS.filter((command) => infoOf(command) !== null);

/** Splits a command line as a shell does, but for variables. */
function words(line: string): string[] {
  return [...line.matchAll(/"([^"]*)"|'([^']*)'|(\S+)/g)].map(([, a, b, c]) => a ?? b ?? c ?? "");
}

describe("the commands", () => {
  it("reach every route of the API", () => {
    const reached = new Set(ACTING.flatMap((command) => infoOf(command)?.routes ?? []));
    expect(Object.keys(ROUTE_ROLES).filter((route) => !reached.has(route))).toEqual([]);
  });

  it.each(ACTING.map((command) => [nameOf(command), command] as const))(
    "%s has examples, which it shows",
    (_, command) => {
      const examples = infoOf(command)?.examples ?? [];
      expect(examples.length).toBeGreaterThan(0);
      let help = "";
      command.configureOutput({ writeOut: (text) => void (help += text) });
      command.outputHelp();
      for (const example of examples) expect(help).toContain(example);
    },
  );

  const examples = ACTING.flatMap((command) =>
    (infoOf(command)?.examples ?? []).map((example) => [example, nameOf(command)] as const),
  );
  it.each(examples)("parses the example: %s", async (example, name) => {
    const [, inner = example] = /^eval "\$\((.*)\)"$/.exec(example) ?? [];
    const [program, ...args] = words(inner.replace(/ > .*$/, ""));
    const performed: string[] = [];
    const io = fakeIo();
    const parsed = makeProgram("1.2.3", io, async (command) => void performed.push(nameOf(command)));
    await parsed.parseAsync(args, { from: "user" });
    expect(program).toBe("logpush-backfill");
    expect([performed, io.written.err]).toEqual([[name], ""]);
  });

  it("have no option of the program, which would take its value", () => {
    const taken = new Set(tree.options.map(({ long }) => long));
    const own = COMMANDS.flatMap((command) => command.options.map(({ long }) => [nameOf(command), long]));
    expect(own.filter(([, long]) => taken.has(long ?? ""))).toEqual([]);
  });

  it("has a summary for each command", () => {
    expect(COMMANDS.filter((command) => command.description() === "").map(nameOf)).toEqual([]);
  });
});

describe("a wrong command line", () => {
  it.each([
    [["rns"], "Did you mean runs?"],
    [["queue", "ad"], "Did you mean add?"],
    [["runs", "--stge", "sending"], "Did you mean --stage?"],
    [["show"], "missing required argument"],
    [["show", "a", "b"], "too many arguments"],
    [["runs", "--limit", "many"], "whole number"],
    [["runs", "--timeout", "soon"], "duration"],
    [["runs", "--zone", "Mars/Olympus"], "IANA zone"],
    [["watch", "active", "--until", "done"], "Allowed choices"],
    [["batch", "resolve", "active", "1", "deliverd"], "Allowed choices"],
    [["accept", "active", "empty_window"], "--note"],
    [["queue"], "Usage:"],
    [[], "Usage:"],
  ])("%j ends with 2 and says why", async (args, text) => {
    const { exit, out, err } = await runCli(args);
    expect([exit, out]).toEqual([2, ""]);
    expect(err).toContain(text);
  });

  it.each([
    [["start", "--start", "2026-04-22 22:00", "--end", "2026-04-22 23:00"], "has no zone"],
    [["plan", "--start", "2026-04-22T22:00:00Z"], "--start and --end are needed"],
    [["cap", "active"], "no limit is given"],
    [["resume", "active", "--answers", "maybe"], "KIND=DECISION"],
    [["coverage", "--last", "2h", "--start", "2026-04-22T22:00:00Z"], "--last excludes"],
    [["batch", "resolve", "20260422", "1", "discard"], "discard needs --note"],
    [["file", "retry", "20260422", "one"], "no number of a file"],
    [["api", "PUT", "/runs"], "expected one of GET"],
    [["queue", "add", "--window", "x", "--reason", "y"], "START/END"],
    [["show", "2026"], "names no run"],
  ])("%j is refused before a request is made", async (args, text) => {
    // No server listens at this address. If the command made a request, its exit code would be 1.
    const { exit, out, err } = await runCli(args, {
      env: { BACKFILL_URL: "http://127.0.0.1:1", HOME: "/nonexistent" },
    });
    expect([exit, out, err]).toEqual([2, "", expect.stringContaining(text)]);
  });
});

it("prints help and version to stdout, with exit code 0", async () => {
  for (const args of [["--help"], ["queue", "add", "--help"], ["help", "watch"]]) {
    const { exit, out, err } = await runCli(args);
    expect([exit, err]).toEqual([0, ""]);
    expect(out).toContain("Usage: logpush-backfill");
  }
  expect(await runCli(["--version"])).toEqual({ exit: 0, out: "1.2.3\n", err: "" });
});
