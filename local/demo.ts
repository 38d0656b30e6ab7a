// `npm run demo`: one backfill from end to end on this machine, and the proof of what it did. Makes sample
// logs (or takes --logs), starts the receiver and the Worker, starts a run, waits, and compares three accounts
// of the run. The exit code is 0 only if they agree. Leaves no process and no directory behind.
import { randomBytes } from "node:crypto";
import { statSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { UsageError, flagsOf, instantFlag, onOrphaned, readFlags } from "./command-line.ts";
import { ApiClient } from "./demo/api-client.ts";
import { compare, tableOf } from "./demo/compare.ts";
import { DevProcess } from "./demo/dev-process.ts";
import { Progress } from "./demo/progress.ts";
import { recount } from "./demo/recount.ts";
import { generateLogs } from "./generate/sample-logs.ts";
import { readTruth, type FileTruth } from "./generate/truth.ts";
import { Receiver } from "./receiver/server.ts";

const USAGE = `usage: npm run demo [-- --logs DIR --start ISO --end ISO]
  without flags     makes sample logs for 2026-04-22 14:00–18:00 UTC: 5 files, one of them with 100,000 lines
  --logs DIR        replays the objects below DIR (keys are relative paths: DIR/logs/...) for the given window
  --start, --end    the window of --logs, both inside, as POST /runs takes them: 2026-04-22T14:00:00Z
  --minutes N       gives up after N minutes (default 5)`;

/** Far more than the sample needs on a slow machine. A run over more logs gets more with --minutes. */
const DEFAULT_MINUTES = 5;
const SAMPLE = {
  startMs: Date.parse("2026-04-22T14:00:00Z"),
  endMs: Date.parse("2026-04-22T18:00:00Z"),
  files: 5,
  lines: [100_000, 15_000, 20_000, 10_000, 5_000],
};

interface Input {
  logsDir: string;
  startMs: number;
  endMs: number;
  files: FileTruth[];
}

type CleanUp = () => Promise<unknown>;

function readOptions(args: string[]) {
  const values = readFlags(args, {
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
    return { given: null, limitMs };
  }
  if (!statSync(values.logs, { throwIfNoEntry: false })?.isDirectory()) {
    throw new UsageError(`--logs: ${values.logs} is not a directory`);
  }
  const [startMs, endMs] = [instantFlag("--start", values.start), instantFlag("--end", values.end)];
  if (startMs > endMs) throw new UsageError("--end is before --start");
  return { given: { logsDir: values.logs, startMs, endMs }, limitMs };
}

async function sampleInput(dir: string): Promise<Input> {
  const logsDir = join(dir, "logs-in");
  console.log(`making ${SAMPLE.files} sample log files (${SAMPLE.lines.join(", ")} lines) …`);
  const { truthPath } = await generateLogs({ outDir: logsDir, ...SAMPLE, malformedShare: 0.0001 });
  return {
    logsDir,
    startMs: SAMPLE.startMs,
    endMs: SAMPLE.endMs,
    files: await collected(readTruth(truthPath)),
  };
}

/** The run finds the same problem and asks for attention. This is a result of the run, not a failure to start. */
function reportUnreadable(key: string, error: unknown): void {
  console.log(`${key} cannot be read: ${String(error)}`);
}

async function givenInput(given: Omit<Input, "files">): Promise<Input> {
  console.log(`counting what ${given.logsDir} holds …`);
  return {
    ...given,
    files: await collected(recount(given.logsDir, given.startMs, given.endMs, reportUnreadable)),
  };
}

async function demo(flags: ReturnType<typeof readOptions>, cleanUps: CleanUp[]): Promise<boolean> {
  const dir = await mkdtemp(join(tmpdir(), "backfill-demo-"));
  cleanUps.push(() => rm(dir, { recursive: true, force: true, maxRetries: 5 }));
  const input = flags.given === null ? await sampleInput(dir) : await givenInput(flags.given);

  const uri = "/log/edge";
  const key = randomBytes(16).toString("hex");
  const token = randomBytes(24).toString("base64url");
  const receiver = await Receiver.start({ uri, key });
  cleanUps.push(() => receiver.stop());
  console.log("starting the Worker …");
  const dev = await DevProcess.start({
    stateDir: join(dir, "state"),
    logsDir: input.logsDir,
    vars: { API_TOKEN: token, CTYUN_ENDPOINT: receiver.url, CTYUN_URI_EDGE: uri, CTYUN_PRIVATE_KEY: key },
  });
  cleanUps.push(() => dev.stop());
  const died = dev.exited.then((code): never => {
    throw new Error(`the Worker's process ended with ${code}\n${dev.output.slice(-20).join("\n")}`);
  });
  return Promise.race([died, replay(input, new ApiClient(dev.url, token), receiver, flags.limitMs)]);
}

async function collected<T>(items: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = [];
  for await (const item of items) list.push(item);
  return list;
}

function iso(ms: number): string {
  return new Date(ms).toISOString().replace(".000Z", "Z");
}

async function replay(input: Input, api: ApiClient, receiver: Receiver, limitMs: number): Promise<boolean> {
  const run = await api.startRun({ start: iso(input.startMs), end: iso(input.endMs), note: "demo" });
  console.log(`run ${run.id}`);
  const progress = new Progress();
  const began = performance.now();
  const status = await api
    .waitUntilDelivered(run.id, limitMs, (now) => progress.show(now))
    .finally(() => progress.end());
  const seconds = (performance.now() - began) / 1_000;
  const stats = receiver.stats();
  console.log(
    `${status.summary}\n${Math.round(stats.lines_accepted / seconds)} lines/s over ${seconds.toFixed(1)} s\n`,
  );
  const comparison = compare(await filesOfRun(input, api, run.id), status, {
    stats,
    rayIds: receiver.tally.rayIds,
  });
  console.log(tableOf(comparison));
  for (const violation of stats.first_violations) console.log(violation);
  console.log(comparison.agrees ? "\nThe three accounts agree." : "\nThe three accounts do NOT agree.");
  return comparison.agrees;
}

/** A file that the run did not take counts only if it holds records of the window. */
async function filesOfRun(input: Input, api: ApiClient, runId: string): Promise<FileTruth[]> {
  const taken = new Set(await api.fileKeys(runId));
  return input.files.filter((file) => taken.has(file.key) || file.kept > 0);
}

async function main(): Promise<void> {
  const flags = flagsOf({ name: "demo", usage: USAGE }, readOptions);
  // The reader of this output may have gone. The demo must still clean up.
  for (const stream of [process.stdout, process.stderr]) stream.on("error", () => {});
  const cleanUps: CleanUp[] = [];
  const interrupted = new Promise<never>((_, reject) => {
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
      process.once(signal, () => reject(new Error(`ended by ${signal}`)));
    }
    onOrphaned(() => reject(new Error("ended with its parent")));
  });
  try {
    const agrees = await Promise.race([demo(flags, cleanUps), interrupted]);
    process.exitCode = agrees ? 0 : 1;
  } catch (error) {
    console.error(`\ndemo: ${error instanceof Error ? error.message : String(error)}`);
    process.exitCode = 1;
  } finally {
    // Ends the last thing started first. A failed clean-up does not stop the others.
    for (const cleanUp of cleanUps.toReversed())
      await cleanUp().catch((error: unknown) => console.error(error));
  }
  process.exit();
}

await main();
