// Defines what one command works with: its settings, the API, and the two outputs. The result of a command goes to
// stdout. Messages, questions and progress go to stderr.
import { Api } from "./api/api.ts";
import { runIdOf } from "./api/run-ids.ts";
import { InterruptedFault, TimedOutFault, UsageFault } from "./faults.ts";
import type { Io } from "./io.ts";
import { readConfigFile } from "./settings/config-file.ts";
import { credentialHeaders, targetOf, tokenOf, zoneOf, type Target } from "./settings/settings.ts";
import { parseInstant } from "./text/instants.ts";
import { safeJson } from "./text/safe-text.ts";

/** The flags that every command accepts. */
export interface GlobalFlags {
  profile?: string;
  tokenFile?: string;
  zone?: string;
  json?: boolean;
  quiet?: boolean;
  /** False with --no-color. */
  color?: boolean;
  /** False with --no-input. */
  input?: boolean;
  /** In milliseconds. */
  timeout?: number;
}

export class Session {
  readonly io: Io;
  readonly flags: GlobalFlags;
  /** The source text of the evidence verifier. */
  readonly verifyScript: string;
  readonly #abort = new AbortController();
  readonly #ends: (() => void)[] = [];
  #connected: { api: Api; target: Target; zone: string } | null = null;

  constructor(io: Io, flags: GlobalFlags, verifyScript: string) {
    this.io = io;
    this.flags = flags;
    this.verifyScript = verifyScript;
    this.#ends.push(io.onInterrupt(() => this.#abort.abort(new InterruptedFault("interrupted"))));
    if (flags.timeout !== undefined) {
      const timedOut = () => this.#abort.abort(new TimedOutFault("the time of --timeout is over"));
      const timer = setTimeout(timedOut, flags.timeout);
      this.#ends.push(() => clearTimeout(timer));
    }
  }

  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  get isJson(): boolean {
    return this.flags.json === true;
  }

  get api(): Api {
    return this.#connection().api;
  }

  get target(): Target {
    return this.#connection().target;
  }

  /** The zone in which times are shown in addition to UTC. */
  get zone(): string {
    return this.#connected?.zone ?? zoneOf(this.flags.zone, null);
  }

  /** Connects to the API at the first use, so that commands without the API need no settings. */
  #connection() {
    if (this.#connected) return this.#connected;
    const { env } = this.io;
    const { settings, ...target } = targetOf(this.flags.profile, env, readConfigFile(env));
    const headers = credentialHeaders(tokenOf(this.flags.tokenFile, env, settings), env, settings);
    const notice = (text: string) => this.notice(text);
    const api = new Api({ url: target.url, headers, signal: this.signal, notice, retryMs: this.io.retryMs });
    this.#connected = { api, target, zone: zoneOf(this.flags.zone, settings) };
    return this.#connected;
  }

  async run(text: string): Promise<string> {
    return runIdOf(this.api, text);
  }

  /** Reads a time from the command line. A time without an offset is read in the zone of --zone, and never in a
   * guessed zone.
   * @throws UsageFault. */
  instant(flag: string, text: string): string {
    const read = parseInstant(text, this.flags.zone ?? null);
    if (read.ok) return read.iso;
    throw new UsageFault(`${flag}: ${read.detail}`);
  }

  /** Prints one line of data. */
  line(text: string): void {
    this.io.out(`${text}\n`);
  }

  lines(texts: readonly string[]): void {
    if (texts.length > 0) this.line(texts.join("\n"));
  }

  /** Prints one JSON document. */
  json(value: unknown): void {
    this.line(safeJson(value));
  }

  /** Prints data: the JSON document with --json, otherwise the lines for a person. */
  show(value: unknown, texts: readonly string[]): void {
    if (this.isJson) this.json(value);
    else this.lines(texts);
  }

  /** Prints a message for a person. */
  notice(text: string): void {
    if (this.flags.quiet !== true) this.io.err(`${text}\n`);
  }

  /** Asks before a command that cannot be undone. The person must type `word`, or "y" if there is no word.
   * @throws UsageFault when the answer is no, or when there is no terminal to ask on. */
  async confirm(question: string, isSure: boolean | undefined, word?: string): Promise<void> {
    if (isSure === true) return;
    if (!this.io.inIsTty || !this.io.errIsTty || this.flags.input === false) {
      throw new UsageFault(`${question} Without a terminal this needs --yes`);
    }
    const wanted = word === undefined ? "[y/N]" : `Type ${word} to go on:`;
    const answer = await this.io.ask(`${question} ${wanted} `, this.signal);
    const isYes = word === undefined ? /^y(es)?$/i.test(answer) : answer === word;
    if (!isYes) throw new UsageFault("nothing was changed");
  }

  end(): void {
    for (const end of this.#ends) end();
  }
}
