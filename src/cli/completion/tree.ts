// Lists which words may follow on a command line, as plain data for the completion scripts.
import type { Command } from "commander";

/** One command with its path, such as "queue add". The program itself has the path "". */
export interface Place {
  path: string;
  /** The words that may follow: subcommands, flags, and the choices of arguments. */
  words: string[];
  /** True: the first argument is a run. */
  takesRun: boolean;
}

export interface Choices {
  /** For example "--until". */
  flag: string;
  values: string[];
}

export interface CompletionTree {
  places: Place[];
  choices: Choices[];
}

export function completionTree(program: Command): CompletionTree {
  const commands = all(program, "");
  const global = flagsOf(program);
  const places = commands.map(([path, command]) => ({
    path,
    words: [
      ...command.commands.map((below) => below.name()),
      ...command.registeredArguments.flatMap((argument) => argument.argChoices ?? []),
      ...new Set([...flagsOf(command), ...global, "--help"]),
    ],
    takesRun: command.registeredArguments[0]?.name() === "RUN",
  }));
  const byFlag = new Map<string, Set<string>>();
  for (const option of commands.flatMap(([, command]) => command.options)) {
    if (!option.argChoices || !option.long) continue;
    const values = byFlag.get(option.long) ?? new Set();
    for (const value of option.argChoices) values.add(value);
    byFlag.set(option.long, values);
  }
  return { places, choices: [...byFlag].map(([flag, values]) => ({ flag, values: [...values] })) };
}

function all(command: Command, path: string): [path: string, command: Command][] {
  const below = command.commands.flatMap((one) =>
    all(one, path === "" ? one.name() : `${path} ${one.name()}`),
  );
  return [[path, command], ...below];
}

function flagsOf(command: Command): string[] {
  return command.options.flatMap(({ long }) => (long ? [long] : []));
}
