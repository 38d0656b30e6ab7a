// The form in which a command is declared: its usage, examples, API routes and action.
import { Command, InvalidArgumentError, Option } from "commander";
import type { Exit } from "../exit-codes.ts";
import type { Session } from "../session.ts";
import { parseDuration } from "../text/durations.ts";
import { isZone } from "../text/instants.ts";

export const PROGRAM = "logpush-backfill";

export interface CommandInfo {
  /** Complete command lines that can be run as they are. */
  examples: readonly string[];
  /** The API routes that the command calls, such as "GET /runs/:id". */
  routes: readonly string[];
}

export type Work = (session: Session) => Promise<Exit | void>;
/** Runs a command. A test passes another function, and so sees what a command line means. */
export type Perform = (command: Command, work: Work) => Promise<void>;

interface Declared<Options> extends CommandInfo {
  /** The usage in commander's notation, such as "show <RUN>". */
  usage: string;
  summary: string;
  options?: readonly Option[];
  action: (session: Session, options: Options, args: string[]) => Promise<Exit | void>;
}

const infos = new WeakMap<Command, CommandInfo>();

export function infoOf(command: Command): CommandInfo | null {
  return infos.get(command) ?? null;
}

/** Adds commands below one parent command. */
export class Group {
  readonly command: Command;
  readonly #perform: Perform;

  constructor(command: Command, perform: Perform) {
    this.command = command;
    this.#perform = perform;
  }

  add<Options>(declared: Declared<Options>): Command {
    const command = this.command.command(declared.usage).description(declared.summary);
    this.#fill(command, declared);
    return command;
  }

  /** Adds a command that does nothing itself and only has subcommands. */
  group(name: string, summary: string): Group {
    return new Group(this.command.command(name).description(summary), this.#perform);
  }

  /** Adds a command that does something itself and also has subcommands. */
  groupWith<Options>(declared: Declared<Options>): Group {
    return new Group(this.add(declared), this.#perform);
  }

  #fill<Options>(command: Command, { options = [], examples, routes, action }: Declared<Options>): void {
    for (const option of options) command.addOption(option);
    infos.set(command, { examples, routes });
    command.addHelpText("after", `\nExamples:\n${examples.map((example) => `  ${example}`).join("\n")}`);
    command.action(async (...given: unknown[]) => {
      const args = given
        .slice(0, command.registeredArguments.length)
        .flat()
        .filter((arg): arg is string => typeof arg === "string");
      await this.#perform(command, (session) => action(session, this.#optionsOf(command) as Options, args));
    });
  }

  /** The options of a command. If its parent has an option with the same name, commander gives the value to the
   * parent. So both are read. */
  #optionsOf(command: Command): object {
    return infos.has(this.command) ? { ...this.command.opts(), ...command.opts() } : command.opts();
  }
}

export function flag(flags: string, text: string): Option {
  return new Option(flags, text);
}

/** A flag whose value is a whole number. */
export function numberFlag(flags: string, text: string, min = 0): Option {
  return new Option(flags, text).argParser((value: string) => wholeNumber(value, min));
}

export function choiceFlag(flags: string, text: string, choices: readonly string[]): Option {
  return new Option(flags, text).choices(choices);
}

/** A flag that may be given several times. */
export function listFlag(flags: string, text: string): Option {
  return new Option(flags, text).argParser((value: string, before: string[] | undefined) => [
    ...(before ?? []),
    value,
  ]);
}

export function durationFlag(flags: string, text: string): Option {
  return new Option(flags, text).argParser(durationMs);
}

export const YES = flag("-y, --yes", "do not ask");
export const REPLAY = flag("--replay", "send lines that another run sent already");

export function noteFlag(text = "the reason, kept in the audit trail"): Option {
  return flag("--note <TEXT>", text);
}

export function wholeNumber(text: string, min = 0): number {
  const value = /^\d{1,15}$/.test(text.replaceAll("_", "")) ? Number(text.replaceAll("_", "")) : Number.NaN;
  if (value >= min) return value;
  throw new InvalidArgumentError(`Expected a whole number from ${min}.`);
}

export function durationMs(text: string): number {
  const ms = parseDuration(text);
  if (ms !== null) return ms;
  throw new InvalidArgumentError('Expected a duration such as "90s", "30m", "2h" or "7d".');
}

export function zone(text: string): string {
  if (isZone(text)) return text;
  throw new InvalidArgumentError('Expected an IANA zone such as "Asia/Shanghai" or "UTC".');
}
