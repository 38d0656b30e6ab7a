// Everything that a command may touch outside of itself. Commands get it as a value, so that a test can pass its own.
import { createInterface } from "node:readline/promises";
import { setTimeout as delay } from "node:timers/promises";

export interface Io {
  /** Data. */
  out(text: string | Uint8Array): void;
  /** Words for a person. */
  err(text: string): void;
  outIsTty: boolean;
  errIsTty: boolean;
  inIsTty: boolean;
  /** The width of the terminal at stdout and at stderr. Null: there is no terminal. */
  columns: number | null;
  errColumns: number | null;
  env: Readonly<Record<string, string | undefined>>;
  now(): number;
  /** The wait before a request is repeated for the first time. In ms. */
  retryMs: number;
  /** Asks on the terminal and returns the line without spaces around it. */
  ask(question: string, signal: AbortSignal): Promise<string>;
  readStdin(): Promise<string>;
  /** @throws the reason of the signal. */
  wait(ms: number, signal: AbortSignal): Promise<void>;
  /** Calls `handler` on Ctrl-C or SIGTERM. Returns what removes the handler. */
  onInterrupt(handler: () => void): () => void;
}

export function processIo(): Io {
  const { stdin, stdout, stderr } = process;
  // The reader of a pipe may end first, as `head` does. This is no failure.
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
  // In raw mode Ctrl-C reaches readline, and not the process.
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
