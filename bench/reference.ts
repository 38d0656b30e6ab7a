// Measures the reference run: 651 files with 27,908 batches of 1,000 lines, a receiver that answers after 400 ms, and
// a cap of 100,000 lines/s. The run's Durable Object, its clock and the send consumer are real and work in real
// time. Each call to the Durable Object takes longer than locally. Two more runs have a cap that no run reaches.
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { unstable_readConfig } from "wrangler";
import { startRuntime } from "../local/dev/runtime.ts";
import { workerParts } from "../local/dev/worker-parts.ts";
import type { ParseMessage, SendMessage } from "../src/contract/messages.ts";
import type { StatusAnswer } from "../src/contract/run.ts";
import { MAX_IN_FLIGHT } from "../src/contract/limits.ts";
import { Consumers, type ConsumerSettings } from "./reference/consumers.ts";
import { ceilingFigures, referenceFigures, type Measured } from "./reference/figures.ts";
import type { CountedSoFar, Outside, Start } from "./reference/scenario.ts";
import { ProcessMeter } from "./process-meter.ts";
import type { Section } from "./report.ts";
import { runSpec } from "./run-spec.ts";
import { BENCH_VARS, wholeConfig } from "./worker-config.ts";
import { DAY_MS } from "../src/contract/time-units.ts";

const FILES = 651;
const BATCHES = 27_908;
const CAP = 100_000;
/** A cap that no run of this size reaches. */
const HIGH_CAP = 1_000_000;
const OUTSIDE: Outside = { addedMs: 10, answerMs: 400, bucketMs: 20, parseMs: 1_500 };
/** How much longer than locally a call to the Durable Object takes, in ms. Each value is measured with one run. */
const ADDED_MS = [5, 10, 20];
/** How long a run may take, and how often its status is read, in ms. */
const LIMIT_MS = 1_200_000;
const STATUS_EVERY_MS = 1_000;

interface Scenario {
  cap: number;
  files: number;
  batches: number;
  outside: Outside;
  slow: number;
}

/** Each section is printed as soon as its run has ended. `share`: which share of the files the run has. `slow`: how
 * many real seconds one second of the run takes. `added`: only the run whose calls take this many ms longer. */
export async function* referenceSections(
  share: number,
  { slow, added }: { slow: number; added: number | null },
): AsyncGenerator<Section> {
  const of = (part: number): Pick<Scenario, "files" | "batches"> => ({
    files: Math.round(FILES * share * part),
    batches: Math.round(BATCHES * share * part),
  });
  const whole = of(1);
  const title = `${whole.files} files, ${whole.batches} batches`;
  const speed = slow === 1 ? "" : `, ${slow} times slower`;
  for (const addedMs of added === null ? ADDED_MS : [added]) {
    const measured = await measureOnce({ ...whole, cap: CAP, slow, outside: { ...OUTSIDE, addedMs } });
    yield {
      title: `reference run: ${title}, ${OUTSIDE.answerMs} ms an answer, cap ${CAP}, ${addedMs} ms added to each call${speed}`,
      figures: referenceFigures(measured, share === 1),
    };
  }
  if (added !== null) return;
  const half = of(1 / 2);
  for (const [answerMs, parse] of [
    [OUTSIDE.answerMs, OUTSIDE.parseMs],
    // Faster parsers and a fast receiver, so that neither of them limits the run.
    [50, 100],
  ] as const) {
    const outside = { ...OUTSIDE, answerMs, parseMs: parse };
    const measured = await measureOnce({ ...half, cap: HIGH_CAP, slow, outside });
    yield {
      title: `ceiling: ${half.batches} batches, ${answerMs} ms an answer, cap ${HIGH_CAP}, ${outside.addedMs} ms added to each call${speed}`,
      figures: ceilingFigures(measured),
    };
  }
}

async function measureOnce(scenario: Scenario): Promise<Measured> {
  const dir = await mkdtemp(join(tmpdir(), "backfill-bench-"));
  try {
    const stateDir = join(dir, "state");
    await mkdir(stateDir);
    const configPath = await wholeConfig(dir, "reference.ts");
    const runtime = await startRuntime({
      parts: await workerParts(configPath),
      port: 0,
      stateDir,
      vars: BENCH_VARS,
    });
    try {
      return await drive(runtime.url, scenario, configPath);
    } finally {
      await runtime.stop();
    }
  } finally {
    await rm(dir, { recursive: true, force: true, maxRetries: 5 });
  }
}

async function drive(url: string, scenario: Scenario, configPath: string): Promise<Measured> {
  const { files, batches, outside, slow } = scenario;
  const run = "reference";
  const ask = async <T>(given: object): Promise<T> => {
    const response = await fetch(url, { method: "POST", body: JSON.stringify(given) });
    const text = await response.text();
    if (!response.ok) throw new Error(`${response.status} ${text.slice(0, 300)}`);
    return JSON.parse(text) as T;
  };
  const [parseSettings, sendSettings] = consumerSettings(configPath, slow);
  const parsers = new Consumers<ParseMessage>(parseSettings, (bodies) => ask({ action: "parse", bodies }));
  const senders = new Consumers<SendMessage>(sendSettings, (bodies) => ask({ action: "send", bodies }));
  const meter = await ProcessMeter.below(process.pid);
  const endMs = Math.floor(Date.now() / DAY_MS) * DAY_MS - DAY_MS;
  const window = { startMs: endMs - DAY_MS, endMs };
  const spec = runSpec(run, window, { maxLinesPerSecond: scenario.cap, maxInFlight: MAX_IN_FLIGHT });
  const cpuBefore = await meter.cpuMs();
  await ask({ action: "start", spec, files, batches, outside, slow } satisfies Start);
  const over = new AbortController();
  const taking = (async () => {
    while (!over.signal.aborted) {
      const { parse, send } = await ask<{ parse: ParseMessage[]; send: SendMessage[] }>({
        action: "messages",
      });
      parsers.add(parse);
      senders.add(send);
    }
  })();
  taking.catch(() => undefined);
  const status = await Promise.race([
    delivered(() => ask({ action: "status", run }), slow),
    taking.then(failed),
  ]);
  const cpuMs = (await meter.cpuMs()) - cpuBefore;
  const look = await ask<CountedSoFar>({ action: "look" });
  over.abort();
  await taking;
  await Promise.all([parsers.end(), senders.end()]);
  if (status.log_lines_sent !== batches * 1_000)
    throw new Error(`${status.log_lines_sent} lines were delivered of ${batches} batches`);
  const invocations = { parse: parsers.invocations, send: senders.invocations };
  return { ...look, ...scenario, cpuMs, invocations, load: loadavg()[0] ?? NaN };
}

type Status = Extract<StatusAnswer, { ok: true }>["status"];

/** Reads the status once in each second of the run's clock, until every line is delivered. */
async function delivered(look: () => Promise<StatusAnswer>, slow: number): Promise<Status> {
  const until = Date.now() + LIMIT_MS * slow;
  for (;;) {
    const answer = await look();
    if (!answer.ok) throw new Error(answer.detail);
    if (answer.status.delivery_completed) return answer.status;
    if (Date.now() > until) throw new Error(`the run is not delivered: ${answer.status.summary}`);
    await wait(STATUS_EVERY_MS * slow);
  }
}

function failed(): never {
  throw new Error("the queues ended before the run");
}

interface DeployedConsumer {
  queue: string;
  max_batch_size?: number;
  max_batch_timeout?: number;
  max_concurrency?: number | null;
}

/** The settings of the parse queue's and the send queue's consumers in wrangler.toml. */
function consumerSettings(configPath: string, slow: number): [ConsumerSettings, ConsumerSettings] {
  const consumers: DeployedConsumer[] = unstable_readConfig({ config: configPath }).queues.consumers ?? [];
  const of = (queue: string): ConsumerSettings => {
    const found = consumers.find((one) => one.queue.startsWith(queue));
    const { max_batch_size: batch, max_batch_timeout: seconds, max_concurrency: concurrency } = found ?? {};
    if (batch === undefined || seconds === undefined || typeof concurrency !== "number")
      throw new Error(`wrangler.toml does not set the consumer of ${queue}`);
    return { batch, timeoutMs: seconds * 1_000 * slow, concurrency };
  };
  return [of("parse-queue"), of("send-queue")];
}
