// Sends API requests at fixed times, for the benchmark `--api`. This file is a process of its own. So its timers do
// not wait for the receiver, and the receiver does not wait for its requests. It reads no JSON and keeps
// connections open, because its CPU time is taken from the runtime. Ends when its stdin ends, and prints one line
// of JSON.
import { Agent, get } from "node:http";
import { setTimeout as wait } from "node:timers/promises";

export interface LoadReport {
  /** The time of each answer in ms, from the instant at which its request was due. */
  times: number[];
  /** Seconds in which requests were sent. */
  seconds: number;
  /** Connections that closed before the answer was complete. */
  lost: number;
  /** CPU time of this process in ms. */
  cpuMs: number;
}

/** After the last request, this process waits at most this long for the answers that are still missing. */
const LAST_ANSWERS_MS = 10_000;
const TRIES = 3;
/** A request waits while this many connections are in use. Its time counts nevertheless. */
const MAX_CONNECTIONS = 64;

const [url = "", token = "", perSecond = "", ...paths] = process.argv.slice(2);
const options = {
  agent: new Agent({ keepAlive: true, maxSockets: MAX_CONNECTIONS }),
  headers: { Authorization: `Bearer ${token}` },
};
const report: LoadReport = { times: [], seconds: 0, lost: 0, cpuMs: 0 };
const out = new Set<number>();
const over = new AbortController();
process.stdin.on("end", () => over.abort()).resume();

/** Repeats the request after a lost connection, because the local server sometimes closes connections that are in
 * use. Ends this process when the answer is not 200. */
function ask(n: number, dueAt: number, tries = TRIES): void {
  const path = paths[n % paths.length] ?? "";
  const asked = get(url + path, options, (answer) => {
    if (answer.statusCode !== 200) throw new Error(`${path}: ${answer.statusCode}`);
    answer.on("end", () => {
      report.times.push(performance.now() - dueAt);
      out.delete(n);
    });
    answer.resume();
  });
  asked.on("error", (error) => {
    if (tries === 1) throw error;
    report.lost += 1;
    ask(n, dueAt, tries - 1);
  });
}

const begunAt = performance.now();
const cpuBefore = process.cpuUsage();
for (let n = 0; !over.signal.aborted; n += 1) {
  const dueAt = begunAt + (n * 1_000) / Number(perSecond);
  const early = dueAt - performance.now();
  if (early > 0) await wait(early);
  out.add(n);
  ask(n, dueAt);
}
report.seconds = (performance.now() - begunAt) / 1_000;
const { user, system } = process.cpuUsage(cpuBefore);
report.cpuMs = (user + system) / 1_000;
const until = performance.now() + LAST_ANSWERS_MS;
while (out.size > 0 && performance.now() < until) await wait(10);
if (out.size > 0) throw new Error(`${out.size} requests have no answer`);
console.log(JSON.stringify(report));
process.exit();
