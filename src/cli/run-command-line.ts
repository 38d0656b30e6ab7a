// Runs one command line: parses it, performs the command, prints errors, and returns the exit code.
import { CommanderError } from "commander";
import { EXIT, type Exit } from "./exit-codes.ts";
import { Fault } from "./faults.ts";
import type { Io } from "./io.ts";
import { makeProgram } from "./program/program.ts";
import { Session, type GlobalFlags } from "./session.ts";

export interface Build {
  version: string;
  /** The source text of the evidence verifier. */
  verifyScript: string;
}

/** `args` are the arguments after the name of the program. */
export async function runCommandLine(args: readonly string[], io: Io, build: Build): Promise<Exit> {
  let exit: Exit = EXIT.done;
  const program = makeProgram(build.version, io, async (command, work) => {
    const session = new Session(io, command.optsWithGlobals<GlobalFlags>(), build.verifyScript);
    try {
      exit = (await work(session)) ?? EXIT.done;
    } catch (error) {
      // A fetch or timer that was stopped throws its own error. The reason for the stop is in the signal.
      throw session.signal.aborted && !(error instanceof Fault) ? session.signal.reason : error;
    } finally {
      session.end();
    }
  });
  try {
    await program.parseAsync(args, { from: "user" });
    return exit;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.done : EXIT.usage;
    if (!(error instanceof Fault)) {
      io.err(
        `error: unexpected: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`,
      );
      return EXIT.failed;
    }
    io.err(`error: ${error.message}\n${error.next === null ? "" : `next: ${error.next}\n`}`);
    return error.exit;
  }
}
