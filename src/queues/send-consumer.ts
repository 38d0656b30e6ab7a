// Handles wake-ups with six sender loops ("lanes"). A loop reports its last batch and claims the next batch, in one
// call with other loops (claim-group.ts). A loop ends when the run has nothing to send, or after a minute. Owns the
// loops and the renewal of leases; send-batch.ts sends one batch.
import { CLAIM_FOR_MS, LANES, type SendReport } from "../contract/sending.ts";
import { receiverOf } from "../contract/run-id.ts";
import { readConfig } from "../platform/config.ts";
import type { Env } from "../platform/env.ts";
import { errorText, type Log } from "../platform/log.ts";
import { readSendMessage } from "../contract/messages.ts";
import { runObject } from "../platform/objects.ts";
import { configFor } from "../platform/receiver-config.ts";
import { ClaimGroup } from "./claim-group.ts";
import { OpenLeases, type OpenLease } from "./open-leases.ts";
import { sendBatch, type SendDeps, type SendingRun } from "./send-batch.ts";
import { steadyNow } from "./steady-clock.ts";

export async function serveWakeUps(bodies: readonly unknown[], env: Env, log: Log): Promise<void> {
  const runIds = new Set<string>();
  for (const body of bodies) {
    const read = readSendMessage(body);
    if (read.ok) runIds.add(read.message.run);
    else log("error", "message_unreadable", { queue: "send", reason: read.reason });
  }
  // At the same time: a slow receiver must not delay a run that sends to another receiver.
  const loops: Loops = { open: 0, share: Math.max(1, Math.floor(LANES / runIds.size)) };
  const served = await Promise.allSettled([...runIds].map((runId) => serve(runId, loops, env, log)));
  for (const one of served)
    if (one.status === "rejected")
      log("error", "consumer_failed", { queue: "send-queue-backfill", error: errorText(one.reason) });
}

/** The sender loops of one invocation, for all its runs. */
interface Loops {
  open: number;
  /** How many loops each run begins with. */
  share: number;
}

async function serve(runId: string, loops: Loops, env: Env, log: Log): Promise<void> {
  const config = configFor(readConfig(env), receiverOf(runId));
  if (!config.receiver) return;
  const run: SendingRun = runObject(env, runId);
  const leases = new OpenLeases(
    (refs) => run.renew(refs),
    (error, count) =>
      log("warn", "leases_not_renewed", { run: runId, leases: count, error: errorText(error) }),
  );
  const deps: SendDeps = {
    runId,
    run,
    bucket: env.LOGS,
    config,
    leases,
    log,
    pause: { until: 0 },
  };
  const sender = crypto.randomUUID();
  const until = steadyNow() + CLAIM_FOR_MS;
  const open = new Set<Promise<void>>();
  const lane = `${sender}.1`;
  const calls = {
    next: (reports: SendReport[], want: number, call: number) => run.next(lane, reports, want, call),
    done: (reports: SendReport[]) => run.done(lane, reports),
  };
  const group = new ClaimGroup(calls, () => open.size);
  // A loop that finds no work ends. A loop that finds work starts another loop. So all six loops soon work again
  // after a pause of the receiver. One run gets the loops that another run no longer needs.
  const startLane = (): void => {
    if (loops.open >= LANES || steadyNow() >= until) return;
    loops.open += 1;
    const loop: Promise<void> = runLane(deps, group, until, startLane)
      .catch((error: unknown) => log("error", "lane_failed", { run: runId, error: errorText(error) }))
      .finally(() => {
        loops.open -= 1;
        open.delete(loop);
      });
    open.add(loop);
  };
  for (let n = 0; n < loops.share; n += 1) startLane();
  while (open.size > 0) await Promise.race(open);
  leases.stop();
}

async function runLane(deps: SendDeps, group: ClaimGroup, until: number, found: () => void): Promise<void> {
  let reports: SendReport[] = [];
  let reported: OpenLease | null = null;
  // A call may fail for longer than a lease lasts. So the lease of a reported batch is renewed until the run has the
  // report. Otherwise the run would send a batch again although its answer is known.
  const untilReported = async <T>(call: Promise<T>): Promise<T> => {
    try {
      return await call;
    } finally {
      if (reported) deps.leases.close(reported);
      reported = null;
    }
  };
  while (steadyNow() < until) {
    const claimed = await untilReported(group.claim(reports));
    reports = [];
    if (claimed.kind === "nothing") return;
    if (claimed.kind === "wait") {
      await scheduler.wait(claimed.waitMs);
      continue;
    }
    found();
    reports = await sendBatch(claimed.permit, claimed.askedAt, deps);
    const [report] = reports;
    if (report) reported = deps.leases.open({ batch: report.batch, attempt: report.attempt }, steadyNow());
  }
  await untilReported(group.report(reports));
}
