// Runs the command line against a deployment in two ways. CliProcess runs the built file as a process, as a person's shell
// or a script does. CliHere runs the same commands inside the test, because the start of a process costs more than the
// command. Every output is checked for what no pipe may contain.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { expect } from "vitest";
import { DIST_DIR } from "../../local/build/dist-dir.ts";
import { runCommandLine } from "../../src/cli/run-command-line.ts";
import { fakeIo } from "./cli-io.ts";
import { answersAreDescribed } from "./described-fetch.ts";

const COMMAND_FILE = resolve(DIST_DIR, "ui/logpush-backfill.mjs");
/** A command that takes longer hangs. */
const LIMIT_MS = 90_000;

export interface Ended {
  exit: number | null;
  out: string;
  err: string;
}

export interface CliOptions {
  env?: Record<string, string | undefined>;
  cwd?: string;
  /** Called with each new part of stdout. */
  onOut?: (text: string, interrupt: () => void) => void;
}

abstract class Cli {
  readonly env: Readonly<Record<string, string | undefined>>;

  constructor(url: string, token: string, home: string) {
    const { PATH } = process.env;
    this.env = { PATH, HOME: home, XDG_CONFIG_HOME: home, BACKFILL_URL: url, BACKFILL_TOKEN: token, BACKFILL_ACTOR: "li.wei" }; // prettier-ignore
  }

  protected abstract perform(args: readonly string[], options: CliOptions): Promise<Ended>;

  async run(args: readonly string[], options: CliOptions = {}): Promise<Ended> {
    const ended = await this.perform(args, options);
    expect(ended.out + ended.err, args.join(" ")).not.toContain("\u001b");
    if (args.includes("--json")) jsonLines(ended.out);
    return ended;
  }

  /** Expects the exit code. A failed test shows what the command wrote. */
  async expect(exit: number, args: readonly string[], options?: CliOptions): Promise<Ended> {
    const ended = await this.run(args, options);
    expect(ended.exit, `${args.join(" ")}\n${ended.out}\n${ended.err}`).toBe(exit);
    return ended;
  }

  /** The documents that a command printed with --json. */
  async json<T>(args: readonly string[], exit = 0): Promise<T[]> {
    return jsonLines<T>((await this.expect(exit, [...args, "--json"])).out);
  }
}

export class CliProcess extends Cli {
  protected override async perform(args: readonly string[], { env, cwd, onOut }: CliOptions): Promise<Ended> {
    const child = spawn(process.execPath, [COMMAND_FILE, ...args], {
      cwd,
      env: { ...this.env, ...env },
      stdio: ["ignore", "pipe", "pipe"],
      timeout: LIMIT_MS,
      killSignal: "SIGKILL",
    });
    const ended: Ended = { exit: null, out: "", err: "" };
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      ended.out += text;
      onOut?.(text, () => child.kill("SIGINT"));
    });
    child.stderr.setEncoding("utf8").on("data", (text: string) => void (ended.err += text));
    const [exit] = (await once(child, "close")) as [number | null];
    return { ...ended, exit };
  }
}

/** Every answer that a command gets is compared with the API document. The working directory is that of the tests. */
export class CliHere extends Cli {
  protected override async perform(args: readonly string[], { env, onOut }: CliOptions): Promise<Ended> {
    let interrupt = () => {};
    const io = fakeIo({
      env: { ...this.env, ...env },
      now: () => Date.now(),
      retryMs: 300,
      wait: (ms, signal) => delay(ms, undefined, { signal }),
      onInterrupt: (handler) => {
        interrupt = handler;
        return () => {};
      },
    });
    const heard = {
      ...io,
      out: (text: string | Uint8Array) => {
        io.out(text);
        onOut?.(String(text), interrupt);
      },
    };
    const build = {
      version: "0.0.0",
      verifyScript: readFileSync("src/evidence/verify-evidence.txt", "utf8"),
    };
    const exit = await answersAreDescribed(() => runCommandLine(args, heard, build));
    return { ...io.written, exit };
  }
}

/** @throws SyntaxError when a line is no JSON. */
export function jsonLines<T>(text: string): T[] {
  const lines = text.split("\n").filter((line) => line !== "");
  return lines.map((line) => JSON.parse(line) as T);
}
