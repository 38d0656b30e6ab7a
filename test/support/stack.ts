// Shared by the stack tests: temporary directories, the Worker as a child process, the receiver, and the API
// client. All of them end with their test. This file judges nothing.
import { cp, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, inject, onTestFailed, onTestFinished } from "vitest";
import { ApiClient } from "../../local/demo/api-client.ts";
import { DevProcess, type DevProcessOptions } from "../../local/demo/dev-process.ts";
import { generateLogs, type SampleLogsOptions } from "../../local/generate/sample-logs.ts";
import { readTruth, type FileTruth } from "../../local/generate/truth.ts";
import { Receiver, type ReceiverOptions } from "../../local/receiver/server.ts";
import { ChaosApi } from "./chaos-api.ts";
import { isDescribed } from "./document-check.ts";

declare module "vitest" {
  export interface ProvidedContext {
    /** Made by empty-bucket.ts. */
    emptyBucketDir: string;
  }
}

export const WINDOW = { start: "2026-04-22T14:00:00Z", end: "2026-04-22T15:00:00Z" };
export const API_TOKEN = "stack-test-token";
const URI = "/log/edge";
const KEY = "stack-test-key";

/** How long a delivery may take. A run of a stack test takes seconds, so a longer run hangs. */
export const DELIVERY_LIMIT_MS = 60_000;

/** How many lines of the Worker's output a failed test shows. */
const OUTPUT_SHOWN = 60;

/** The test at whose end all processes end. Tests that run in parallel pass their own context. */
export interface Scope {
  onTestFinished(end: () => Promise<void>): void;
  onTestFailed(show: () => void): void;
}
const CURRENT_TEST: Scope = { onTestFinished, onTestFailed };

export async function tempDir(scope: Scope = CURRENT_TEST): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), "backfill-stack-"));
  scope.onTestFinished(() => rm(dir, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 }));
  return dir;
}

/** A development server in its own process group, so that a test can kill the whole group. vitest.config.ts has built
 * dist/. */
export async function startDev(options: DevProcessOptions, scope: Scope = CURRENT_TEST): Promise<DevProcess> {
  const dev = await DevProcess.start({ ownGroup: true, isBuilt: true, ...options });
  scope.onTestFinished(() => dev.stop());
  scope.onTestFailed(() => showOutput(dev));
  return dev;
}

function showOutput(dev: DevProcess): void {
  console.error(`the Worker's last lines:\n${dev.output.slice(-OUTPUT_SHOWN).join("\n")}`);
}

export async function startReceiver(
  options: Partial<ReceiverOptions> = {},
  scope: Scope = CURRENT_TEST,
): Promise<Receiver> {
  const receiver = await Receiver.start({ uri: URI, key: KEY, ...options });
  scope.onTestFinished(() => receiver.stop());
  return receiver;
}

export interface LogsWithTruth {
  logsDir: string;
  files: FileTruth[];
}

/** Logs for WINDOW, and the expected result of a run over them. */
export async function sampleLogs(
  dir: string,
  options: Pick<SampleLogsOptions, "files" | "lines"> & Partial<SampleLogsOptions>,
): Promise<LogsWithTruth> {
  const logsDir = join(dir, "logs-in");
  const { truthPath } = await generateLogs({
    outDir: logsDir,
    startMs: Date.parse(WINDOW.start),
    endMs: Date.parse(WINDOW.end),
    // The tests do not depend on bytes, so the fastest compression is used.
    gzipLevel: 1,
    ...options,
  });
  const files: FileTruth[] = [];
  for await (const file of readTruth(truthPath)) files.push(file);
  return { logsDir, files };
}

/** One process of the Worker, with the two clients that talk to it. */
interface Incarnation {
  dev: DevProcess;
  api: ApiClient;
  /** A client for the routes for which `api` has no method. */
  operator: ChaosApi;
}

export interface Stack extends Incarnation {
  dir: string;
  receiver: Receiver;
  files: FileTruth[];
  /** Starts the same Worker again: same state, logs and receiver, and other vars if given. `port` 0: any free port. */
  restart(vars?: Record<string, string>, port?: number): Promise<Incarnation>;
}

/** Every answer that the clients get is compared with the API document. */
function clientsOf(url: string): Pick<Incarnation, "api" | "operator"> {
  return {
    api: new ApiClient(url, API_TOKEN, isDescribed),
    operator: new ChaosApi(url, API_TOKEN, isDescribed),
  };
}

export interface StackOptions {
  /** Which logs the stack has. A function makes logs of its own below the directory. */
  logs: Parameters<typeof sampleLogs>[1] | ((dir: string) => Promise<LogsWithTruth>);
  vars?: Record<string, string>;
  receiver?: Partial<ReceiverOptions>;
  scope?: Scope;
}

/** Starts the receiver, makes the logs and starts the Worker. All are then ready for a run over WINDOW. */
export async function startStack(options: StackOptions): Promise<Stack> {
  const { scope, logs } = options;
  const dir = await tempDir(scope);
  const [receiver, { logsDir, files }] = await Promise.all([
    startReceiver(options.receiver, scope),
    typeof logs === "function" ? logs(dir) : sampleLogs(dir, logs),
    cp(inject("emptyBucketDir"), join(dir, "state"), { recursive: true }),
  ]);
  const start = async (vars: Record<string, string> = {}, port = 0) => {
    const settings = {
      API_TOKEN,
      CTYUN_ENDPOINT: receiver.url,
      CTYUN_URI_EDGE: URI,
      CTYUN_PRIVATE_KEY: KEY,
      ...options.vars,
      ...vars,
    };
    const dev = await startDev({ stateDir: join(dir, "state"), logsDir, port, vars: settings }, scope);
    return { dev, ...clientsOf(dev.url) };
  };
  return { dir, receiver, files, ...(await start()), restart: start };
}

/** Makes one stack for the tests of a describe block, which run one after the other. A start costs more than a
 * run. Before each test the receiver forgets what it received. The second run of a window needs `replay:
 * true`. */
export function sharedStack(options: Omit<StackOptions, "scope">): () => Stack {
  let stack: Stack | undefined;
  const ends: (() => Promise<void>)[] = [];
  const started = () => {
    if (stack === undefined) throw new Error("the shared stack did not start");
    return stack;
  };
  beforeAll(async () => {
    const scope = {
      onTestFinished: (end: () => Promise<void>) => void ends.push(end),
      onTestFailed: () => {},
    };
    stack = await startStack({ ...options, scope });
  });
  beforeEach((context) => {
    context.onTestFailed(() => showOutput(started().dev));
    started().receiver.forget();
  });
  afterAll(async () => {
    for (const end of ends.toReversed()) await end();
  });
  return started;
}

export function keptLines(files: readonly FileTruth[]): number {
  return files.reduce((sum, file) => sum + file.kept, 0);
}

/** The RayIDs that a correct run delivers, with their counts. */
export function expectedRayIds(files: readonly FileTruth[]): Map<string, number> {
  return new Map(files.flatMap((file) => file.kept_ray_ids).map((rayId) => [rayId, 1]));
}
