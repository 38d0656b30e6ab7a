// The tree of all commands.
import { Command, Option } from "commander";
import { addApiCommand } from "../commands/api-command.ts";
import { addProfileCommands } from "../commands/profile-commands.ts";
import { addRunCommands } from "../commands/run-commands.ts";
import { addStartCommands } from "../commands/start-commands.ts";
import { addWatchCommand } from "../commands/watch.ts";
import type { Io } from "../io.ts";
import { durationMs, Group, PROGRAM, zone, type Perform } from "./commands.ts";

type Output = Pick<Io, "out" | "err" | "columns">;

/** In the order of --help. A new room of commands adds its function here. */
const ROOMS: readonly ((group: Group) => void)[] = [
  addStartCommands,
  addRunCommands,
  addWatchCommand,
  addProfileCommands,
  addApiCommand,
];

export function makeProgram(version: string, output: Output, perform: Perform): Command {
  const program = new Command(PROGRAM)
    .description("Replays Logpush logs to the partner, and shows what was delivered.")
    .version(version)
    .addOption(new Option("--profile <NAME>", "use this profile"))
    .addOption(new Option("--token-file <FILE>", "read the token from this file"))
    .addOption(
      new Option(
        "--zone <ZONE>",
        "what times without an offset mean; shown beside UTC (default: Beijing)",
      ).argParser(zone),
    )
    .addOption(new Option("--json", "print JSON; a list is one document a line"))
    .addOption(new Option("--quiet", "no notices and no progress"))
    .addOption(new Option("--no-color", "no colours"))
    .addOption(new Option("--no-input", "never ask"))
    .addOption(
      new Option("--timeout <DURATION>", "end after this time, with exit code 124").argParser(durationMs),
    )
    .exitOverride()
    .showSuggestionAfterError()
    .showHelpAfterError(`(${PROGRAM} --help shows the commands)`)
    .configureHelp({ showGlobalOptions: true })
    .configureOutput({
      writeOut: output.out,
      writeErr: output.err,
      getOutHelpWidth: () => output.columns ?? 100,
      getErrHelpWidth: () => output.columns ?? 100,
      getOutHasColors: () => false,
      getErrHasColors: () => false,
    })
    .addHelpText("after", `\n${PROGRAM} COMMAND --help shows the examples of a command.`);
  const group = new Group(program, perform);
  for (const add of ROOMS) add(group);
  return program;
}
