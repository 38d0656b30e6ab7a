// Joins the claims and reports of one invocation's sender loops into few calls to the run. One call is under way at
// a time. The claims and reports that arrive meanwhile go into the next call.
import { isSuccess } from "../receivers/status-meaning.ts";
import type { NextAnswer, NoPermit, SendPermit, SendReport } from "../contract/sending.ts";
import { REPORT_FOR_MS, persistCall } from "./persist-call.ts";
import { steadyNow } from "./steady-clock.ts";

/** How long a call to the run waits for other sender loops of this invocation, when the wait may delay a POST. A loop
 * that is alone does not wait. */
const GROUP_WAIT_MS = 5;
/** How long a call waits for other loops when the run has nothing more to send. */
const REST_MS = 100;

/** What one sender loop gets. `askedAt`: when the call that returned the permit began, by the steady clock. */
export type Claimed = { kind: "permit"; permit: SendPermit; askedAt: number } | NoPermit;

export interface GroupCalls {
  /** `call` is the number of the call. A repeated call has the number of the first one. */
  next(reports: SendReport[], want: number, call: number): Promise<NextAnswer>;
  done(reports: SendReport[]): Promise<void>;
}

interface Waiting {
  reports: SendReport[];
  isClaim: boolean;
  resolve(claimed: Claimed): void;
  reject(error: unknown): void;
}

export class ClaimGroup {
  readonly #run: GroupCalls;
  readonly #loops: () => number;
  #waiting: Waiting[] = [];
  #isCalling = false;
  #callCount = 0;
  /** How long a call may wait without delaying a POST, by the last answer of the run. */
  #freeMs = 0;
  /** Ends a wait for more sender loops when another loop joins. */
  #joined = (): void => {};

  /** `loops`: how many sender loops are open now. */
  constructor(run: GroupCalls, loops: () => number) {
    this.#run = run;
    this.#loops = loops;
  }

  /** Reports the last batch of a loop and claims its next batch.
   * @throws the error of the last call, when the run has not answered for a minute. */
  claim(reports: SendReport[]): Promise<Claimed> {
    return this.#join(reports, true);
  }

  /** Reports the last batch of a loop that ends.
   * @throws as `claim` does. */
  async report(reports: SendReport[]): Promise<void> {
    await this.#join(reports, false);
  }

  #join(reports: SendReport[], isClaim: boolean): Promise<Claimed> {
    const { promise, resolve, reject } = Promise.withResolvers<Claimed>();
    this.#waiting.push({ reports, isClaim, resolve, reject });
    this.#joined();
    if (!this.#isCalling) void this.#callWhileWaiting();
    return promise;
  }

  async #callWhileWaiting(): Promise<void> {
    this.#isCalling = true;
    while (this.#waiting.length > 0) {
      // Loops that start or end in this turn of the event loop join without a wait.
      await Promise.resolve();
      await this.#awaitCompany();
      await this.#call(this.#waiting.splice(0));
    }
    this.#isCalling = false;
  }

  /** Waits for the other loops, as long as the wait delays nothing. A report of a failure waits for GROUP_WAIT_MS only. */
  async #awaitCompany(): Promise<void> {
    const begunAt = steadyNow();
    while (this.#waiting.length < this.#loops()) {
      const reports = this.#waiting.flatMap((one) => one.reports);
      const longestMs = reports.every(hasSuccess) ? Math.max(GROUP_WAIT_MS, this.#freeMs) : GROUP_WAIT_MS;
      const restMs = begunAt + longestMs - steadyNow();
      if (restMs <= 0) return;
      const over = scheduler.wait(restMs).then(() => true);
      const joined = new Promise<false>((resolve) => {
        this.#joined = () => resolve(false);
      });
      if (await Promise.race([over, joined])) return;
    }
  }

  /** Makes one call for these loops, and gives each loop its part of the answer. Never throws. */
  async #call(group: Waiting[]): Promise<void> {
    const reports = group.flatMap((one) => one.reports);
    const claims = group.filter((one) => one.isClaim);
    const call = (this.#callCount += 1);
    let askedAt = steadyNow();
    try {
      const answer = await persistCall(async (): Promise<NextAnswer> => {
        askedAt = steadyNow();
        if (claims.length > 0) return this.#run.next(reports, claims.length, call);
        await this.#run.done(reports);
        return NOTHING;
      }, REPORT_FOR_MS);
      if (claims.length > 0) this.#freeMs = freeMs(answer);
      const { permits, rest } = partsOf(answer);
      for (const one of group) {
        const permit = one.isClaim ? permits.shift() : undefined;
        one.resolve(permit ? { kind: "permit", permit, askedAt } : rest);
      }
    } catch (error) {
      for (const one of group) one.reject(error);
    }
  }
}

function hasSuccess({ outcome }: SendReport): boolean {
  return outcome.kind === "answer" && isSuccess(outcome.status);
}

/** How long the next call may wait without delaying a POST. */
function freeMs(answer: NextAnswer): number {
  if (answer.kind === "nothing") return REST_MS;
  return answer.kind === "grants" ? Math.min(REST_MS, answer.groupWaitMs ?? 0) : 0;
}

const NOTHING: NoPermit = { kind: "nothing", reason: "nothing_wanted" };

function partsOf(answer: NextAnswer): { permits: SendPermit[]; rest: NoPermit } {
  if (answer.kind !== "grants") return { permits: [], rest: answer };
  // A run of earlier code does not return the reason why it gave fewer permits. The loop then claims again.
  const { rest = { kind: "wait", waitMs: 0, reason: "not_said" } } = answer;
  return { permits: [...answer.grants], rest };
}
