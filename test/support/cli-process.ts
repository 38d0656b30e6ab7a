// Runs the built command line as a process, as a person's shell or a script does. Every output is checked for what no
// pipe may contain.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { resolve } from "node:path";
import { expect } from "vitest";
import { DIST_DIR } from "../../local/build/dist-dir.ts";

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

export class CliProcess {
  readonly #env: Record<string, string | undefined>;

  constructor(url: string, token: string, home: string) {
    const { PATH } = process.env;
    this.#env = { PATH, HOME: home, XDG_CONFIG_HOME: home, BACKFILL_URL: url, BACKFILL_TOKEN: token, BACKFILL_ACTOR: "li.wei" }; // prettier-ignore
  }

  async run(args: readonly string[], { env = {}, cwd, onOut }: CliOptions = {}): Promise<Ended> {
    const child = spawn(process.execPath, [COMMAND_FILE, ...args], {
      cwd,
      env: { ...this.#env, ...env },
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
    expect(ended.out + ended.err, args.join(" ")).not.toContain("\u001b");
    if (args.includes("--json")) jsonLines(ended.out);
    return { ...ended, exit };
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

/** @throws SyntaxError when a line is no JSON. */
export function jsonLines<T>(text: string): T[] {
  const lines = text.split("\n").filter((line) => line !== "");
  return lines.map((line) => JSON.parse(line) as T);
}
