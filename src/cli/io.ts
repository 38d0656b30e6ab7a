// Everything outside of the process that a command may use. Tests pass their own implementation.
import { createInterface } from "node:readline/promises";
import { setTimeout as delay } from "node:timers/promises";

export interface Io {
  /** Writes data to stdout. */
  out(text: string | Uint8Array): void;
  /** Writes messages for a person to stderr. */
  err(text: string): void;
  outIsTty: boolean;
  errIsTty: boolean;
  inIsTty: boolean;
  /** The width of the terminals at stdout and stderr. Null: the output is not a terminal. */
  columns: number | null;
  errColumns: number | null;
  env: Readonly<Record<string, string | undefined>>;
  now(): number;
  /** How long to wait before the first repeat of a request, in ms. */
  retryMs: number;
  /** Asks the person on the terminal. Returns the typed line without spaces at its ends. */
  ask(question: string, signal: AbortSignal): Promise<string>;
  readStdin(): Promise<string>;
  /** @throws the reason of the signal. */
  wait(ms: number, signal: AbortSignal): Promise<void>;
  /** Calls `handler` on Ctrl-C or SIGTERM. The returned function removes the handler. */
  onInterrupt(handler: () => void): () => void;
}

export function processIo(): Io {
  const { stdin, stdout, stderr } = process;
  // The program that reads the output may end first, as `head` does. This is not an error.
  for (const stream of [stdout, stderr]) {
    stream.on("error", (error: NodeJS.ErrnoException) => process.exit(error.code === "EPIPE" ? 0 : 1));
  }
  return {
    out: (text) => void stdout.write(text),
    err: (text) => void stderr.write(text),
    outIsTty: stdout.isTTY,
    errIsTty: stderr.isTTY,
    inIsTty: stdin.isTTY,
    columns: stdout.isTTY ? stdout.columns : null,
    errColumns: stderr.isTTY ? stderr.columns : null,
    env: process.env,
    now: () => Date.now(),
    retryMs: 300,
    ask,
    readStdin,
    wait: async (ms, signal) => {
      try {
        await delay(ms, undefined, { signal });
      } catch {
        signal.throwIfAborted();
      }
    },
    onInterrupt: (handler) => {
      const signals = ["SIGINT", "SIGTERM"] as const;
      for (const name of signals) process.on(name, handler);
      return () => {
        for (const name of signals) process.off(name, handler);
      };
    },
  };
}

async function ask(question: string, signal: AbortSignal): Promise<string> {
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  // In raw mode, readline receives Ctrl-C instead of the process. So the signal is sent to the process here.
  lines.on("SIGINT", () => process.kill(process.pid, "SIGINT"));
  try {
    return (await lines.question(question, { signal })).trim();
  } catch (error) {
    signal.throwIfAborted();
    throw error;
  } finally {
    lines.close();
  }
}

async function readStdin(): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of process.stdin) chunks.push(chunk as Uint8Array);
  return Buffer.concat(chunks).toString("utf8");
}
