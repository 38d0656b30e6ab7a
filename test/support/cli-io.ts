// Input and output of the command line in a unit test. Records what a command writes. No terminal answers questions,
// unless a test replaces `ask`.
import type { Io } from "../../src/cli/io.ts";
import { runCommandLine } from "../../src/cli/run-command-line.ts";

export interface Written {
  exit: number;
  out: string;
  err: string;
}

export interface FakeIo extends Io {
  written: { out: string; err: string };
}

export function fakeIo(over: Partial<Io> = {}): FakeIo {
  const written = { out: "", err: "" };
  return {
    written,
    out: (text) => void (written.out += typeof text === "string" ? text : Buffer.from(text).toString("utf8")),
    err: (text) => void (written.err += text),
    outIsTty: false,
    errIsTty: false,
    inIsTty: false,
    columns: null,
    errColumns: null,
    env: { HOME: "/nonexistent" },
    now: () => Date.parse("2026-04-23T00:00:00Z"),
    ask: () => Promise.reject(new Error("there is no terminal to ask on")),
    retryMs: 1,
    readStdin: () => Promise.resolve(""),
    wait: () => Promise.resolve(),
    onInterrupt: () => () => {},
    ...over,
  };
}

/** Runs a command line inside this process. */
export async function runCli(args: string[], over: Partial<Io> = {}): Promise<Written> {
  const io = fakeIo(over);
  const exit = await runCommandLine(args, io, { version: "1.2.3", verifyScript: "" });
  return { exit, ...io.written };
}
