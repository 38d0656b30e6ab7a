// `plan` and `start`. `start` first shows the plan, and then asks whether to start.
import { randomUUID } from "node:crypto";
import type { PlanAnswer, RunStatusAnswer } from "../../contract/api/api-types.ts";
import { FailedFault, NotReachedFault, RefusedFault } from "../faults.ts";
import { flag, noteFlag, numberFlag, YES, type Group } from "../program/commands.ts";
import type { Exit } from "../exit-codes.ts";
import type { Session } from "../session.ts";
import { planText } from "../text/plan-text.ts";
import { given, RUN_OPTIONS, runFields, WINDOW_OPTIONS, windowFields, type RunOptions, type WindowOptions } from "./run-fields.ts"; // prettier-ignore
import { STRICT, watchRun } from "./watch.ts";

/** How long to wait for the plan of a long window. After this time the unfinished plan is shown. */
const PLAN_LIMIT_MS = 20_000;

interface PlanOptions extends WindowOptions, RunOptions {
  canary?: number;
  note?: string;
  dryRun?: boolean;
  continueOf?: string;
  fromPlan?: string;
  planHash?: string;
}

interface StartOptions extends PlanOptions {
  key?: string;
  watch?: boolean;
  strict?: boolean;
  yes?: boolean;
}

const OWN_OPTIONS = [
  numberFlag("--canary <BATCHES>", "pause after so many batches", 1),
  noteFlag(),
  flag("--dry-run", "count exactly and send nothing"),
  flag("--continue-of <RUN>", "send what an aborted run did not deliver"),
  flag("--from-plan <RUN>", "send exactly what a dry run counted"),
  flag("--plan-hash <HASH>", "the hash of that dry run (default: as the API shows it)"),
];

export function addStartCommands(group: Group): void {
  group.add<PlanOptions>({
    usage: "plan",
    summary: "estimate a run, and start nothing",
    options: [...WINDOW_OPTIONS, ...OWN_OPTIONS, ...RUN_OPTIONS],
    examples: [
      "logpush-backfill plan --start 2026-04-22T14:00:00Z --end 2026-04-22T15:00:00Z",
      'logpush-backfill plan --start "2026-04-22 22:00" --end "2026-04-22 23:00" --zone Asia/Shanghai --cap 20000',
    ],
    routes: ["POST /runs/plan"],
    action: async (session, options) => {
      const plan = await planOf(session, await bodyOf(session, options));
      session.show(plan, planText(plan, session.zone));
    },
  });

  group.add<StartOptions>({
    usage: "start",
    summary: "start a run; shows its plan and asks first",
    options: [
      ...WINDOW_OPTIONS,
      ...OWN_OPTIONS,
      ...RUN_OPTIONS,
      flag("--key <KEY>", "the Idempotency-Key (default: a new one)"),
      flag("--watch", "follow the run until it is delivered"),
      STRICT,
      YES,
    ],
    examples: [
      "logpush-backfill start --start 2026-04-22T14:00:00Z --end 2026-04-22T15:00:00Z --exclusive --cap 20000 --canary 5 --note ticket-4711",
      "logpush-backfill start --start 2026-04-22T14:00:00Z --end 2026-04-22T15:00:00Z --dry-run --watch",
      "logpush-backfill start --from-plan 20260422T14 --yes --watch",
      "logpush-backfill start --continue-of 20260422T14 --yes",
    ],
    routes: ["POST /runs", "POST /runs/plan"],
    action: start,
  });
}

async function start(session: Session, options: StartOptions): Promise<Exit | void> {
  const body = await bodyOf(session, options);
  const plan = await planOf(session, body);
  for (const line of planText(plan, session.zone)) session.notice(line);
  if (options.dryRun !== true) {
    // To send lines again costs money, so the person must type the date. A "y" is not enough.
    const word = options.replay ? plan.window.start.slice(0, 10) : undefined;
    const what = options.replay ? "Send these lines AGAIN?" : "Start this run?";
    await session.confirm(what, options.yes, word);
  }
  const key = options.key ?? `cli-${randomUUID()}`;
  session.notice(`Idempotency-Key: ${key}`);
  const status = await started(session, body, key);
  if (!session.isJson) session.line(status.id);
  else if (options.watch !== true) session.json(status);
  if (options.watch === true) {
    return watchRun(session, status.id, { until: "delivered", ...(options.strict && { strict: true }) });
  }
  session.notice(`next: logpush-backfill watch ${status.id}`);
}

/** Starts the run. If the answer is lost, the run may have been started or not. The request is then repeated with the
 * same key, so that at most one run starts. */
async function started(session: Session, body: object, key: string): Promise<RunStatusAnswer> {
  try {
    const answer = await session.api.change<RunStatusAnswer>("POST", "/runs", { body, key });
    if (answer.isReplayed) session.notice("this key was used before: this is the run that it started");
    return answer.body;
  } catch (error) {
    const isOpen = error instanceof NotReachedFault || (error instanceof RefusedFault && error.status >= 500 && error.problem === null); // prettier-ignore
    if (!isOpen) throw error;
    const again = `repeat the command with --key ${key}: it leads to the same run`;
    throw new NotReachedFault(`${error.message}. It is unknown whether the run was started`, again);
  }
}

async function bodyOf(session: Session, options: PlanOptions): Promise<Record<string, unknown>> {
  const { continueOf, fromPlan, planHash } = options;
  const own = given({ canary: options.canary, note: options.note, dry_run: options.dryRun });
  const fields = { ...runFields(options), ...own };
  if (continueOf !== undefined)
    return { ...fields, ...givenWindow(session, options), continue_of: await session.run(continueOf) };
  if (fromPlan === undefined)
    return { ...fields, ...windowFields(session, options), ...given({ plan_hash: planHash }) };
  const id = await session.run(fromPlan);
  const hash = planHash ?? (await hashOf(session, id));
  return { ...fields, ...givenWindow(session, options), from_plan: id, plan_hash: hash };
}

/** Sends the window as it is. The API refuses a bad window with a reason. */
function givenWindow(session: Session, { start: from, end: to }: WindowOptions): Record<string, unknown> {
  return given({
    start: from === undefined ? undefined : session.instant("--start", from),
    end: to === undefined ? undefined : session.instant("--end", to),
  });
}

async function hashOf(session: Session, id: string): Promise<string> {
  const { plan_hash: hash, stage_code: stage } = await session.api.get<RunStatusAnswer>(`/runs/${id}`);
  if (hash !== null && stage === "counted") return hash;
  throw new FailedFault(
    `${id} has no complete plan: it is ${stage}`,
    "logpush-backfill runs --stage counted",
  );
}

/** Repeats the request while the plan does not cover the whole window. */
async function planOf(session: Session, body: object): Promise<PlanAnswer> {
  const deadline = session.io.now() + PLAN_LIMIT_MS;
  for (;;) {
    const { body: plan } = await session.api.change<PlanAnswer>("POST", "/runs/plan", { body });
    const isComplete = plan.complete && plan.live?.complete !== false;
    if (isComplete || session.io.now() > deadline) return plan;
    await session.io.wait(plan.retry_after_ms ?? 500, session.signal);
  }
}
