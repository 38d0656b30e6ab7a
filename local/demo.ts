// `npm run demo`: one complete backfill on this machine, with a check of the result. Makes sample logs (or uses
// --logs), starts the receiver and the Worker, and waits for a run. Then compares the counts of the logs, the
// ledger and the receiver. The exit code is 0 only if these counts agree. Ends all its processes and deletes its
// directories.
import { randomBytes } from "node:crypto";
import { statSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { UsageError, flagsOf, instantFlag, onOrphaned, readFlags } from "./command-line.ts";
import { ApiClient } from "./demo/api-client.ts";
import { DevProcess } from "./demo/dev-process.ts";
import { findAndReplay } from "./demo/live-demo.ts";
import { LIVE_BATCH_SIZE, LIVE_TIMES, makeLiveSample } from "./demo/live-sample.ts";
import { collected, recounted, replay, type ReplayInput } from "./demo/replay.ts";
import { pageAddress } from "./dev/settings.ts";
import { generateLogs } from "./generate/sample-logs.ts";
import { readTruth } from "./generate/truth.ts";
import { Receiver } from "./receiver/server.ts";

const USAGE = `usage: npm run demo [-- --live | -- --logs DIR --start ISO --end ISO] [--open]
  without flags     makes sample logs for 2026-04-22 14:00–18:00 UTC: 5 files, one of them with 100,000 lines
  --live            makes logs and the markers of a live worker, finds the hole that it left, and sends only what
                    is missing
  --logs DIR        replays the files below DIR (their R2 keys are the relative paths: DIR/logs/...) for the given window
  --start, --end    the window of --logs, both inside, as POST /runs takes them: 2026-04-22T14:00:00Z
  --open            keeps the Worker running after the run, so that you can look at the page; Ctrl-C ends
  --minutes N       gives up after N minutes (default 5)`;

/** How long the demo waits for the run. The sample needs far less, even on a slow machine. For more logs, use
 * --minutes. */
const DEFAULT_MINUTES = 5;
const SAMPLE = {
  startMs: Date.parse("2026-04-22T14:00:00Z"),
  endMs: Date.parse("2026-04-22T18:00:00Z"),
  files: 5,
  lines: [100_000, 15_000, 20_000, 10_000, 5_000],
};

interface Input {
  logsDir: string;
  vars: Record<string, string>;
  play(api: ApiClient, receiver: Receiver): Promise<boolean>;
}

type Flags = ReturnType<typeof readOptions>;
type CleanUp = () => Promise<unknown>;

function readOptions(args: string[]) {
  const values = readFlags(args, {
    live: { type: "boolean", default: false },
    open: { type: "boolean", default: false },
    logs: { type: "string" },
    start: { type: "string" },
    end: { type: "string" },
    minutes: { type: "string", default: String(DEFAULT_MINUTES) },
  });
  const limitMs = /^\d{1,4}(\.\d+)?$/.test(values.minutes) ? Number(values.minutes) * 60_000 : 0;
  if (!(limitMs > 0)) throw new UsageError(`--minutes needs a number above 0, not "${values.minutes}"`);
  if (values.logs === undefined) {
    if (values.start !== undefined || values.end !== undefined) {
      throw new UsageError("--start and --end need --logs: the sample logs have a window of their own");
    }
    return { given: null, live: values.live, open: values.open, limitMs };
  }
  if (values.live) throw new UsageError("--live makes its own logs: it cannot be given with --logs");
  if (!statSync(values.logs, { throwIfNoEntry: false })?.isDirectory()) {
    throw new UsageError(`--logs: ${values.logs} is not a directory`);
  }
  const [startMs, endMs] = [instantFlag("--start", values.start), instantFlag("--end", values.end)];
  if (startMs > endMs) throw new UsageError("--end is before --start");
  return { given: { logsDir: values.logs, startMs, endMs }, live: false, open: values.open, limitMs };
}

async function sampleInput(dir: string, limitMs: number): Promise<Input> {
  const logsDir = join(dir, "logs-in");
  console.log(`making ${SAMPLE.files} sample log files (${SAMPLE.lines.join(", ")} lines) …`);
  const { truthPath } = await generateLogs({ outDir: logsDir, ...SAMPLE, malformedShare: 0.0001 });
  const { startMs, endMs } = SAMPLE;
  return inputOf({ logsDir, startMs, endMs, files: await collected(readTruth(truthPath)) }, limitMs);
}

async function givenInput(given: Omit<ReplayInput, "files">, limitMs: number): Promise<Input> {
  console.log(`counting what ${given.logsDir} contains …`);
  return inputOf({ ...given, files: await recounted(given) }, limitMs);
}

function inputOf(input: ReplayInput, limitMs: number): Input {
  const { logsDir } = input;
  return { logsDir, vars: {}, play: (api, receiver) => replay(input, api, receiver, limitMs) };
}

async function liveInput(dir: string, limitMs: number): Promise<Input> {
  console.log(
    "making the logs of six hours, and the markers of a live worker that was away for 47 minutes …",
  );
  const sample = await makeLiveSample(dir, LIVE_TIMES);
  return {
    logsDir: sample.logsDir,
    // The settle time is 0, because the demo wrote the raw files only seconds ago.
    vars: { LIVE_BATCH_SIZE: String(LIVE_BATCH_SIZE), COVERAGE_SETTLE_MINUTES: "0" },
    play: (api, receiver) => findAndReplay(sample, api, receiver, limitMs),
  };
}

async function inputFor(dir: string, { given, live, limitMs }: Flags): Promise<Input> {
  if (live) return liveInput(dir, limitMs);
  return given === null ? sampleInput(dir, limitMs) : givenInput(given, limitMs);
}

interface Outcome {
  /** Whether the accounts of the run agree. */
  agrees: boolean;
  page: string;
  /** Rejects when the Worker's process ends. */
  died: Promise<never>;
}

async function demo(flags: Flags, cleanUps: CleanUp[]): Promise<Outcome> {
  const dir = await mkdtemp(join(tmpdir(), "backfill-demo-"));
  cleanUps.push(() => rm(dir, { recursive: true, force: true, maxRetries: 5 }));
  const input = await inputFor(dir, flags);

  const uri = "/log/edge";
  const key = randomBytes(16).toString("hex");
  const token = randomBytes(24).toString("base64url");
  const receiver = await Receiver.start({ uri, key });
  cleanUps.push(() => receiver.stop());
  console.log("starting the Worker …");
  const dev = await DevProcess.start({
    stateDir: join(dir, "state"),
    logsDir: input.logsDir,
    vars: {
      API_TOKEN: token,
      CTYUN_ENDPOINT: receiver.url,
      CTYUN_URI_EDGE: uri,
      CTYUN_PRIVATE_KEY: key,
      ...input.vars,
    },
  });
  cleanUps.push(() => dev.stop());
  const died = dev.exited.then((code): never => {
    throw new Error(`the Worker's process ended with ${code}\n${dev.output.slice(-20).join("\n")}`);
  });
  const page = pageAddress(dev.url, token);
  console.log(`page: ${page}`);
  const agrees = await Promise.race([died, input.play(new ApiClient(dev.url, token), receiver)]);
  return { agrees, page, died };
}

async function main(): Promise<void> {
  const flags = flagsOf({ name: "demo", usage: USAGE }, readOptions);
  // The process that reads this output may have ended. The demo must still clean up.
  for (const stream of [process.stdout, process.stderr]) stream.on("error", () => {});
  const cleanUps: CleanUp[] = [];
  const interrupted = new Promise<string>((resolve) => {
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
      process.once(signal, () => resolve(`ended by ${signal}`));
    }
    onOrphaned(() => resolve("ended with its parent"));
  });
  try {
    const tooEarly = interrupted.then((reason): never => {
      throw new Error(reason);
    });
    tooEarly.catch(() => {});
    const { agrees, page, died } = await Promise.race([demo(flags, cleanUps), tooEarly]);
    process.exitCode = agrees ? 0 : 1;
    if (flags.open) {
      console.log(`\nThe Worker still runs. The page is ${page}\nCtrl-C ends the demo.`);
      await Promise.race([interrupted, died]);
    }
  } catch (error) {
    console.error(`\ndemo: ${error instanceof Error ? error.message : String(error)}`);
    process.exitCode = 1;
  } finally {
    // Clean-ups run in the reverse order of the starts. A failed clean-up does not stop the others.
    for (const cleanUp of cleanUps.toReversed())
      await cleanUp().catch((error: unknown) => console.error(error));
  }
  process.exit();
}

await main();
