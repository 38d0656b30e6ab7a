// Simulates everything outside the run in the reference run: a bucket, the queues, a distant Durable Object and a
// slow receiver. Each of them waits as long as its real counterpart would, and does no work. All requests of the
// bench's Worker share this module.
import { compactSecond } from "../../src/contract/run-id.ts";
import type { ParseMessage, SendMessage } from "../../src/contract/messages.ts";
import type { BackfillRunApi } from "../../src/contract/run.ts";
import type { NextAnswer, SendReport } from "../../src/contract/sending.ts";
import { fakeBucket, sortedOf } from "../bucket/fake-bucket.ts";
import type { Outside, Tally } from "./scenario.ts";

/** Queue messages that the driver has not taken yet. */
export const queued: { parse: ParseMessage[]; send: SendMessage[] } = { parse: [], send: [] };

export const tally: Tally = {
  startedAt: 0,
  begins: [],
  lastReportAt: 0,
  reportingCalls: 0,
  reports: 0,
  leasedMs: 0,
  lateMs: 0,
  answers: {},
};

let outside: Outside = { addedMs: 0, answerMs: 0, bucketMs: 0, parseMs: 0 };
export const parseMs = (): number => outside.parseMs;

/** When the sender got the permit of each batch that it has not reported yet. */
const permittedAt = new Map<number, number>();

export function become(next: Outside): void {
  outside = next;
}

function noted<Body>(into: Body[]): Queue<Body> {
  const queue: Pick<Queue<Body>, "send" | "sendBatch"> = {
    async send(body) {
      into.push(body);
      return {} as QueueSendResponse;
    },
    async sendBatch(messages) {
      for (const { body } of messages) into.push(body);
      return {} as QueueSendBatchResponse;
    },
  };
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the run uses these two methods
  return queue as Queue<Body>;
}

export const parseQueue = noted(queued.parse);
export const sendQueue = noted(queued.send);

/** The bytes of a pack. All batches of the bench are equally long. No consumer changes them. */
let bytes = new ArrayBuffer(0);

/** A bucket with `files` raw files of equal time ranges over the window. Every pack exists. */
export function bucketOf(files: number, window: { startMs: number; endMs: number }): R2Bucket {
  const spanMs = Math.floor((window.endMs - window.startMs) / files / 1_000) * 1_000;
  const objects = Array.from({ length: files }, (_, n) => {
    const from = compactSecond(window.startMs + n * spanMs);
    const name = `${from}_${compactSecond(window.startMs + (n + 1) * spanMs)}_${n.toString(16).padStart(8, "0")}`;
    return { key: `logs/${from.slice(0, 8)}/${name}.log.gz`, size: 22_000_000, uploadedAt: window.startMs };
  });
  const sorted = sortedOf(objects);
  const bucket = {
    ...fakeBucket(
      () => [sorted],
      () => scheduler.wait(outside.bucketMs),
    ),
    async get(_key: string, { range }: { range: { length: number } }) {
      await scheduler.wait(outside.bucketMs);
      if (bytes.byteLength !== range.length) bytes = new ArrayBuffer(range.length);
      return { arrayBuffer: async () => bytes };
    },
    put: () => scheduler.wait(outside.bucketMs),
    delete: () => scheduler.wait(outside.bucketMs),
  };
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- consumers and clock use these methods
  return bucket as unknown as R2Bucket;
}

/** Answers every POST of a sender with 200 after the receiver's time. */
export async function answerPost(): Promise<Response> {
  tally.begins.push(Date.now());
  await scheduler.wait(outside.answerMs);
  return new Response("OK");
}

/** Makes a call take longer. Half of the additional time passes before the call, and half after it. */
function far<Args extends unknown[], T>(call: (...args: Args) => Promise<T>): (...args: Args) => Promise<T> {
  return async (...args) => {
    await scheduler.wait(outside.addedMs / 2);
    const answer = await call(...args);
    await scheduler.wait(outside.addedMs / 2);
    return answer;
  };
}

/** The run's Durable Object, as a consumer in another data centre sees it: each call takes longer. */
export function distant(namespace: DurableObjectNamespace): DurableObjectNamespace {
  const getByName = (name: string): unknown => {
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the class implements the contract
    const run = namespace.getByName(name) as unknown as BackfillRunApi;
    const next = far((...args: Parameters<BackfillRunApi["next"]>) => run.next(...args));
    const done = far((lane: string, reports: SendReport[]) => run.done(lane, reports));
    return {
      claimFile: far((file: number) => run.claimFile(file)),
      queued: far((page: Parameters<BackfillRunApi["queued"]>[0]) => run.queued(page)),
      renew: far((refs: Parameters<BackfillRunApi["renew"]>[0]) => run.renew(refs)),
      regrant: far((ref: Parameters<BackfillRunApi["regrant"]>[0]) => run.regrant(ref)),
      async next(...args: Parameters<BackfillRunApi["next"]>) {
        const answer = await next(...args);
        countReports(args[1]);
        countAnswer(answer);
        return answer;
      },
      async done(lane: string, reports: SendReport[]) {
        await done(lane, reports);
        countReports(reports);
      },
    };
  };
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- consumers use this method only
  return { getByName } as unknown as DurableObjectNamespace;
}

function countReports(reports: readonly SendReport[]): void {
  if (reports.length === 0) return;
  const now = Date.now();
  tally.lastReportAt = now;
  tally.reportingCalls += 1;
  tally.reports += reports.length;
  for (const { batch, lateMs } of reports) {
    tally.leasedMs += now - (permittedAt.get(batch) ?? now);
    tally.lateMs += lateMs;
    permittedAt.delete(batch);
  }
}

/** Counts permits, and the reasons why a sender loop got no permit. */
function countAnswer(answer: NextAnswer): void {
  const rest = answer.kind === "grants" ? answer.rest : answer;
  if (rest) {
    const name = `${rest.kind}: ${rest.reason}`;
    tally.answers[name] = (tally.answers[name] ?? 0) + 1;
  }
  if (answer.kind !== "grants") return;
  const now = Date.now();
  for (const { batch } of answer.grants) permittedAt.set(batch, now);
}
