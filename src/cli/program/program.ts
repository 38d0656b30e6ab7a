// The tree of all commands.
import { Command, Option } from "commander";
import { addApiCommand } from "../commands/api-command.ts";
import { addCapCommand } from "../commands/cap-command.ts";
import { addCompletionCommand } from "../commands/completion-command.ts";
import { addDoctorCommand } from "../commands/doctor-command.ts";
import { addCoverageCommands } from "../commands/coverage-commands.ts";
import { addEvidenceCommands } from "../commands/evidence-commands.ts";
import { addItemCommands } from "../commands/item-commands.ts";
import { addListCommands } from "../commands/list-commands.ts";
import { addMapCommand } from "../commands/map-command.ts";
import { addProfileCommands } from "../commands/profile-commands.ts";
import { addQueueCommands } from "../commands/queue-commands.ts";
import { addRayCommand } from "../commands/ray-command.ts";
import { addRunCommands } from "../commands/run-commands.ts";
import { addStartCommands } from "../commands/start-commands.ts";
import { addStatsCommand } from "../commands/stats-command.ts";
import { addSystemCommands } from "../commands/system-commands.ts";
import { addVerbCommands } from "../commands/verb-commands.ts";
import { addVerifyCommand } from "../commands/verify-command.ts";
import { addWatchCommand } from "../commands/watch.ts";
import type { Io } from "../io.ts";
import { durationMs, Group, PROGRAM, zone, type Perform } from "./commands.ts";

type Output = Pick<Io, "out" | "err" | "columns">;

/** The functions that add commands, in the order of --help. Each file with commands has its function here. */
const ROOMS: readonly ((group: Group) => void)[] = [
  addCoverageCommands,
  addStartCommands,
  addQueueCommands,
  addRunCommands,
  addWatchCommand,
  addListCommands,
  addMapCommand,
  addRayCommand,
  addVerbCommands,
  addCapCommand,
  addVerifyCommand,
  addItemCommands,
  addEvidenceCommands,
  addStatsCommand,
  addSystemCommands,
  addDoctorCommand,
  addProfileCommands,
  addCompletionCommand,
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
        "the zone of times without an offset; times are shown in it and in UTC (default: Beijing)",
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
