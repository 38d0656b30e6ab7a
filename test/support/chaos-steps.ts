// The steps of a scenario: a fault, or an operator's command and the check of its effect. A command that comes too
// late, because the run is delivered, is no finding.
import { setTimeout as wait } from "node:timers/promises";
import type { Status } from "./chaos-api.ts";
import { waitForStatus } from "./chaos-operator.ts";
import type { ChaosRun } from "./chaos-run.ts";
import type { Step } from "./chaos-scenario.ts";

const ABORT_LIMIT_MS = 120_000;
const WATCH_LIMIT_MS = 5_000;
const POLL_MS = 100;
/** How soon a lower cap must be obeyed after the answer to PATCH. The checked interval begins after this time. */
const PATCH_BINDS_MS = 2_000;
/** How soon a pause must be obeyed. A batch with a permit from before the pause is sent within 0.6 s or not at all. */
const PAUSE_BINDS_MS = 1_500;
/** By how much the answer to a command and a status may overlap in time. */
const CROSSING_MS = 100;
/** A window without logs. The rival run asks for attention at once and releases the slot. */
const RIVAL_WINDOW = { start: "2026-04-20T03:00:00Z", end: "2026-04-20T03:10:00Z" };

const isQuiet = (now: Status) => now.leases_out === 0 || now.delivery_completed;
const isAborted = ({ stage_code: stage }: Status) => stage === "aborted";

type Of<Do extends Step["do"]> = Extract<Step, { do: Do }>;

export async function takeStep(run: ChaosRun, step: Step): Promise<void> {
  switch (step.do) {
    case "kill":
      return kill(run, step);
    case "freeze":
      run.count("freeze");
      return run.stack.freeze(step.forMs);
    case "fault":
      if (step.fault.needsWatching && !(await isWatching(run))) return;
      run.count(step.fault.name);
      return run.stack.misbehave(step.fault);
    case "refuse":
      run.count("refuse_connections");
      return run.stack.refuse(step.forMs);
    case "pause":
      return pause(run, step);
    case "patch":
      return patch(run, step);
    case "verify":
      run.count("verify");
      return run.expect(await run.stack.api.call("POST", `${run.path}/verify`, {}), [202]);
    case "abort":
      return abort(run, step);
    case "switch_off":
      run.count("kill_switch");
      return withVars(run, { BACKFILL_ENABLED: "false" }, step.forMs, "disabled");
    case "wrong_uri":
      run.count("wrong_uri");
      return wrongUri(run, step.forMs);
  }
}

export async function kill(
  run: ChaosRun,
  { downMs, isTopOnly }: Omit<Of<"kill">, "waitMs" | "do">,
): Promise<void> {
  run.count(isTopOnly ? "kill_top" : "kill");
  await run.stack.kill(isTopOnly);
  await wait(downMs);
  await run.stack.startWorker();
}

async function isWatching(run: ChaosRun): Promise<boolean> {
  const deadline = Date.now() + WATCH_LIMIT_MS;
  while (Date.now() < deadline) {
    if ((await run.status()).answers.check === "watching") return true;
    await wait(POLL_MS);
  }
  return false;
}

async function patch(run: ChaosRun, { body }: Of<"patch">): Promise<void> {
  run.count("patch");
  const answer = await run.stack.api.call("PATCH", run.path, body);
  run.expect(answer, [200]);
  run.patched(body, Date.now() + PATCH_BINDS_MS);
}

/** Pauses the run and checks that nothing is in flight and nothing arrives. This must also hold after a kill, and
 * while another run owns the slot. */
async function pause(run: ChaosRun, { park, forMs, isKilled }: Of<"pause">): Promise<void> {
  run.count(park ? "park" : "pause");
  const paused = await run.stack.api.call<Status>("POST", `${run.path}/pause`, { park });
  if (isLate(paused)) return;
  run.expect(paused, [202]);
  const bindsAt = Date.now() + PAUSE_BINDS_MS;
  const { stage_code: stage } = await waitForStatus(
    run.stack,
    run.id,
    isQuiet,
    ABORT_LIMIT_MS,
    "a quiet pause",
  );
  if (stage !== "paused") {
    // The pause came too late: the run is delivered, or stuck because of work that was under way.
    run.quiet.push({ from: bindsAt, to: Date.now(), why: "began after the pause was answered" });
    return;
  }
  const from = Date.now();
  if (isKilled) await kill(run, { downMs: 0, isTopOnly: false });
  await wait(forMs);
  run.quiet.push({ from, to: Date.now(), why: "arrived in a pause without leases" });
  run.quiet.push({ from: bindsAt, to: Date.now(), why: "began after the pause was answered" });
  if (park) await startRival(run);
  await run.insist(() => run.stack.api.call("POST", `${run.path}/resume`, {}), [202], "wrong_state");
}

/** Starts another run, which takes the slot, finds no file, and releases the slot. */
async function startRival(run: ChaosRun): Promise<void> {
  run.count("rival_run");
  await run.insist(() => run.stack.api.call("POST", "/runs", { ...RIVAL_WINDOW, replay: true }), [201], null);
}

async function abort(run: ChaosRun, step: Of<"abort">): Promise<void> {
  const { id, stack } = run;
  const path = `${run.path}${step.force ? "?force=true" : ""}`;
  if (step.killAfterMs !== null) {
    // The answer may be lost in a kill, so the request is repeated. A repeated request must be harmless.
    const asked = stack.api.call("DELETE", path).catch(() => null);
    await wait(step.killAfterMs);
    await kill(run, { downMs: 0, isTopOnly: false });
    await asked;
  }
  const asked = await stack.api.call<Status>("DELETE", path);
  if (isLate(asked)) return;
  run.count(step.force ? "abort_force" : "abort");
  run.expect(asked, [202]);
  await waitForStatus(stack, id, isAborted, ABORT_LIMIT_MS, "aborted");
  const from = Date.now();
  await wait(500);
  run.quiet.push({ from, to: Date.now(), why: `arrived after ${id} was aborted` });
  const { requests } = run.stack.receiver.tally;
  const open = requests.filter((log) => log.headers_at < from && (log.answered_at ?? 0) > from + CROSSING_MS);
  if (open.length > 0) run.findings.push(`${id} was aborted while ${open.length} POSTs were open`);
  await run.account(0);
  await run.continueWith(step.onUncertain, step.killAfterMs);
}

function isLate({ status, body }: { status: number; body: unknown }): boolean {
  const code = (body as { code?: string }).code ?? "";
  return status === 409 && ["already_delivered", "wrong_state"].includes(code);
}

/** Restarts the Worker in an orderly way with other vars for a while. */
async function withVars(
  run: ChaosRun,
  vars: Record<string, string>,
  forMs: number,
  code: string | null,
): Promise<void> {
  await run.stack.stopWorker();
  await run.stack.startWorker(vars);
  if (code !== null) {
    const isSo = (now: Status) => now.state_reason?.code === code || !isAtWork(now);
    await waitForStatus(run.stack, run.id, isSo, 15_000, code);
  }
  await wait(forMs);
  await run.stack.stopWorker();
  await run.stack.startWorker();
}

/** Gives the Worker a wrong URI for a while. A run that knows its receiver waits. A run without any 2xx uses the
 * wrong URI and makes one POST per sender loop. */
async function wrongUri(run: ChaosRun, forMs: number): Promise<void> {
  const { log_lines_sent: known } = await run.status();
  const { violations: before } = run.stack.receiver.stats();
  await withVars(run, { CTYUN_URI_EDGE: "/wrong" }, forMs, null);
  if (known > 0) return;
  const { violations } = run.stack.receiver.stats();
  for (const code of ["path", "signature"]) {
    const more = (violations[code] ?? 0) - (before[code] ?? 0);
    // Allowed are one POST per sender loop, and a probe every five seconds.
    if (more <= 6 + Math.ceil(forMs / 5_000)) run.forgiven[code] = (run.forgiven[code] ?? 0) + more;
  }
}

function isAtWork({ stage_code: stage }: Status): boolean {
  return ["scanning_and_queueing", "sending", "suspended"].includes(stage);
}
