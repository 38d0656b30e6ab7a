// The commands of the command line as text for docs/reference/command-line.md. It is generated from the tree of
// commands.
import type { Command } from "commander";
import { infoOf } from "../../src/cli/program/commands.ts";
import { makeProgram } from "../../src/cli/program/program.ts";
import { CONNECTION_CHECKS } from "../../src/cli/doctor/connection-checks.ts";
import { checksText } from "./doctor-text.ts";
import { markdownTable } from "./markdown-table.ts";

const tree = makeProgram("", { out: () => {}, err: () => {}, columns: null }, () => Promise.resolve());

function acting(command: Command): Command[] {
  return [...(infoOf(command) ? [command] : []), ...command.commands.flatMap(acting)];
}

/** "queue add", with its arguments. */
function usageOf(command: Command): string {
  const names: string[] = [];
  for (let at: Command | null = command; at?.parent; at = at.parent) names.unshift(at.name());
  const args = command.registeredArguments.map((argument) => {
    const name = argument.name() + (argument.variadic ? "…" : "");
    return argument.required ? name : `[${name}]`;
  });
  return [...names, ...args].join(" ");
}

export function commandsTable(): string {
  const rows = acting(tree).map((command) => [`\`${usageOf(command)}\``, command.description()]);
  return markdownTable([["command", "does"], ...rows]);
}

export function globalFlagsTable(): string {
  const options = tree.options.filter(({ long }) => long !== "--version");
  const rows = options.map(({ flags, description }) => [`\`${flags}\``, description]);
  return markdownTable([["flag", "means"], ...rows]);
}

export function commandExamples(): string {
  const lines = acting(tree).flatMap((command) => infoOf(command)?.examples ?? []);
  return ["```sh", ...lines, "```"].join("\n");
}

export function connectionChecks(): string {
  return checksText(CONNECTION_CHECKS);
}
