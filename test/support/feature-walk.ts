// Drives one run with random steps (a "feature walk") of parsers, senders, time and an honest operator. Each step
// calls the run, and the model (receiver-model.ts) checks the answer. Then `deliver` lets everything succeed.
import { expect } from "vitest";
import type { OperatorCommand } from "../../src/contract/operator.ts";
import type { RunLimits } from "../../src/contract/limits.ts";
import type { RunStatus } from "../../src/contract/views.ts";
import { continued } from "./continue-play.ts";
import { act, acted } from "./operator-play.ts";
import { FATES, ReceiverModel, fateOf, type Fate, type Post } from "./receiver-model.ts";
import type { RunUnderTest } from "./run-under-test.ts";
import {
  endOf,
  isSizeProven,
  liveOption,
  parseFile,
  type ParserEnd,
  type Setting,
} from "./feature-parser.ts";
import { batchesOf, fileOf, namedDigests, type BatchNow } from "./feature-rows.ts";
import { entriesOf, putLogs, reportOf } from "./run-work.ts";
import { seeded, type Pick, type Step } from "./walk.ts";

type Command = OperatorCommand extends infer One
  ? One extends unknown
    ? Omit<One, "actor" | "note">
    : never
  : never;

const NOTE = "known from the partner";
/** With a healthy receiver and an operator, the run must be delivered within this many rounds. */
const MOST_ROUNDS = 300;

export class FeatureWalk {
  readonly model: ReceiverModel;
  readonly #run: RunUnderTest;
  readonly #setting: Setting;
  /** Digests of batches for which an earlier run listed a possible or certain duplicate. */
  readonly #named = new Set<string>();
  /** Suspicious files whose batches an operator allowed to be sent. */
  readonly #acceptedFiles = new Set<number>();
  /** An operator accepted the size of the live worker's batches. */
  #isVouchedFor = false;
  /** Whether an operator settled a batch by hand. The sums then need not count every line that may have arrived
   * twice. */
  #isSettledByHand = false;
  #runs = 1;

  constructor(run: RunUnderTest, setting: Setting) {
    this.#run = run;
    this.#setting = setting;
    this.model = new ReceiverModel(setting.unusualIsTaken);
    this.model.canary = setting.over.canary ?? null;
    this.model.dailyLines = setting.over.dailyLines ?? null;
    for (const [n, lines] of setting.files.entries())
      for (const { digest, lines: count } of entriesOf(lines, `f${n + 1}-`)) this.model.add(digest, count);
  }

  async begin(): Promise<void> {
    await putLogs(this.#run, this.#setting.files.length);
    await this.#run.start({ ...this.#setting.over, ...liveOption(this.#setting) });
    await this.#run.settle();
    // The first answer is of the usual kind, so that an answer of another kind counts as unusual.
    await this.#parseAll();
    await this.#claim(1, () => "good", true);
  }

  async step(step: Step): Promise<void> {
    const pick = seeded(step.dice);
    await this.#steps[step.do]?.(pick);
    await this.check();
  }

  readonly #steps: Record<string, (pick: Pick) => Promise<unknown>> = {
    parse: (pick) => this.#parseOne(pick),
    claim: (pick) => this.#claim(1 + pick(3), () => fateOf(pick), false),
    report: (pick) => this.#report(pick),
    pass: (pick) => this.#run.wait(1 + pick(9_000)),
    expire: () => this.#run.wait(31_000),
    evict: () => this.#run.evict(),
    verify: () => this.#verify(),
    pause: (pick) => this.#pause(pick(2) === 0),
    resume: () => this.#resume(),
    rest: (pick) => this.#rest(pick),
    retry_file: (pick) => this.#retryFile(pick),
    retry_batch: async (pick) => {
      const batch = await this.#anyBatch(pick);
      if (batch) await this.#ask({ do: "retry_batch", batch: batch.batch });
    },
    retry_all: () => this.#ask({ do: "retry_all" }),
    resolve: (pick) => this.#resolve(pick),
    accept_file: (pick) => this.#acceptFile(pick),
    continue: () => this.#continue(),
  };

  async check(): Promise<void> {
    await this.#run.settle();
    await this.#run.expectBalanced();
    const status = await this.#run.status();
    if (status.stage_code === "paused" && status.state_reason?.code === "operator")
      expect(this.model.paused).toBe(true);
    if (status.delivery_completed) await this.#checkDelivered(status);
  }

  async #checkDelivered(status: RunStatus): Promise<void> {
    const lost = this.model.lost().filter((digest) => !this.#acceptedFiles.has(fileOf(digest)));
    expect({ lost }).toEqual({ lost: [] });
    for (const digest of await namedDigests(this.#run)) this.#named.add(digest);
    const unnamed = this.model.repeated().filter((digest) => !this.#named.has(digest));
    expect({ unnamed }).toEqual({ unnamed: [] });
    if (this.#isSettledByHand || this.#runs > 1) return;
    const named = status.duplicate_lines + status.possible_duplicate_lines;
    expect(named).toBeGreaterThanOrEqual(this.model.extraLines);
  }

  /** Lets everything succeed from here on. The run must be delivered, and must list every repeated line. */
  async deliver(): Promise<void> {
    for (let round = 0; round < MOST_ROUNDS; round += 1) {
      await this.#run.wait(round % 8 === 7 ? 61_000 : 2_000);
      await this.#parseAll();
      await this.#claim(6, () => "good", true);
      const status = await this.#run.status();
      if (status.stage_code === "sent_waiting_cleanup") {
        await this.check();
        return this.#verify();
      }
      await this.#help(status);
    }
    const { stage_code, state_reason, problems } = await this.#run.status();
    throw new Error(`not delivered: ${JSON.stringify({ stage_code, state_reason, problems })}`);
  }

  /** Takes an operator's action when the run waits for it. */
  async #help(status: RunStatus): Promise<void> {
    if (status.stage_code === "paused") return this.#resume();
    const { code } = status.state_reason ?? {};
    if (code === "quiet_hours" || code === "daily_lines") return this.#endRest();
    if (await this.#answer(status)) return;
    if (status.stage_code !== "needs_attention") return;
    if (code === "live_waiting" || code === "live_batch_size_unproven") {
      const isDone = await this.#ask({ do: "accept_codes", codes: [code] });
      this.#isVouchedFor ||= isDone && code === "live_batch_size_unproven";
    }
    const files = await this.#run.rows<{ file: number; state: string }>("SELECT file, state FROM files");
    for (const { file, state } of files) {
      if (state === "suspicious") await this.#accept(file, true);
      if (["failed", "missing", "changed"].includes(state))
        await this.#ask({ do: "retry_file", file, allowDuplicates: false });
    }
    const waiting = (await batchesOf(this.#run)).filter(
      ({ state }) => state === "held" || state === "refused",
    );
    for (const { batch } of waiting) await this.#ask({ do: "resolve_batch", batch, outcome: "resend" });
  }

  async #parseAll(): Promise<void> {
    for (const file of this.#run.enqueued.splice(0)) await this.#parse(file, "good");
  }

  async #parseOne(pick: Pick): Promise<void> {
    const [enqueued] = this.#run.enqueued.splice(0, 1);
    const file = enqueued ?? 1 + pick(this.#setting.files.length);
    await this.#parse(file, endOf(pick, this.#setting));
  }

  #parse(file: number, end: ParserEnd): Promise<void> {
    return parseFile(this.#run, this.#setting, file, end);
  }

  async #claim(want: number, fate: () => Fate, isReported: boolean): Promise<void> {
    const answer = await this.#run.api.next("w.0", [], want);
    if (answer.kind !== "grants") return;
    const isProven = await this.#isProven();
    const batches = await batchesOf(this.#run);
    for (const permit of answer.grants) {
      const batch = batches.find((one) => one.batch === permit.batch);
      if (!batch) throw new Error(`no batch ${permit.batch}`);
      const isHeld = batch.file === this.#setting.suspiciousFile && !this.#acceptedFiles.has(batch.file);
      expect(isHeld ? "a permit for a suspicious file" : null).toBeNull();
      expect(isProven ? null : "a permit before the size of the live worker's batches is proven").toBeNull();
      const chosen = fate();
      expect(this.model.post(permit, batch.digest, chosen)).toBeNull();
      const post = this.model.posts.at(-1);
      if (isReported && post) await this.#reportPost(post);
    }
  }

  /** Every file has markers, so nothing is sent before enough files prove the size. */
  async #isProven(): Promise<boolean> {
    if (!this.#setting.live || this.#isVouchedFor) return true;
    return isSizeProven(this.#run);
  }

  /** Reports any POST: for the first time, late, or again. */
  async #report(pick: Pick): Promise<void> {
    const { posts } = this.model;
    // Mostly the newest POST is reported. Reports of older POSTs are late.
    const post = posts.at(-1 - pick(Math.min(posts.length, pick(4) === 0 ? posts.length : 4)));
    if (post) await this.#reportPost(post);
  }

  async #reportPost(post: Post): Promise<void> {
    await this.#run.api.done("w.1", [reportOf(post, FATES[post.fate].outcome)]);
    this.model.reported(post);
  }

  async #verify(): Promise<void> {
    await acted(this.#run, { do: "verify" });
    await this.#run.settle();
    const { verification } = await this.#run.status();
    expect(verification).toMatchObject({ last: { differences: [] } });
  }

  async #pause(park: boolean): Promise<void> {
    if (await this.#ask({ do: "pause", park })) this.model.paused = true;
  }

  async #resume(): Promise<void> {
    const { stage_code, state_reason } = await this.#run.status();
    if (!(await this.#ask({ do: "resume", acceptReceiver: false, answers: null }))) return;
    this.model.paused = false;
    if (stage_code === "paused" && state_reason?.code === "canary") this.model.canary = null;
  }

  /** Closes the run's hours, opens them, or raises its lines of the day. */
  async #rest(pick: Pick): Promise<void> {
    const hour = new Date().getUTCHours();
    const [from, to] = [(hour + 2) % 24, (hour + 3) % 24].map((h) => `${String(h).padStart(2, "0")}:00`);
    const closed = [{ from: from ?? "", to: to ?? "", zone: "UTC" }];
    const dailyLines = this.model.dailyLines === null ? null : this.model.dailyLines + 100;
    const all: Partial<RunLimits>[] = [{ sendBetween: closed }, { sendBetween: null }, { dailyLines }];
    const limits = all[pick(all.length)] ?? {};
    if (!(await this.#ask({ do: "patch", limits }))) return;
    if (limits.sendBetween !== undefined) this.model.resting = limits.sendBetween !== null;
    if (limits.dailyLines !== undefined) this.model.dailyLines = limits.dailyLines;
  }

  async #endRest(): Promise<void> {
    if (!(await this.#ask({ do: "patch", limits: { sendBetween: null, dailyLines: null } }))) return;
    this.model.resting = false;
    this.model.dailyLines = null;
  }

  /** Makes an honest decision about unusual answers, when the run waits for it. */
  async #answer(status: RunStatus): Promise<boolean> {
    const { unusual } = status.answers;
    if (unusual === 0) return false;
    this.#isSettledByHand = true;
    const answers = this.model.wordForUnusual;
    return this.#ask({ do: "resume", acceptReceiver: false, answers });
  }

  async #retryFile(pick: Pick): Promise<void> {
    const file = 1 + pick(this.#setting.files.length);
    const isDone = await this.#ask({ do: "retry_file", file, allowDuplicates: pick(2) === 0 });
    if (isDone) this.#acceptedFiles.delete(file);
  }

  async #resolve(pick: Pick): Promise<void> {
    const batch = await this.#anyBatch(pick);
    if (!batch) return;
    const outcome = this.model.isTaken(batch) ? "delivered" : pick(2) === 0 ? "resend" : "discard";
    if (!(await this.#ask({ do: "resolve_batch", batch: batch.batch, outcome }))) return;
    if (outcome === "delivered") this.model.resolveDelivered(batch);
    if (outcome === "discard") this.model.discard(batch);
    if (outcome !== "resend") this.#isSettledByHand = true;
  }

  async #acceptFile(pick: Pick): Promise<void> {
    await this.#accept(1 + pick(this.#setting.files.length), pick(3) > 0);
  }

  async #accept(file: number, send: boolean): Promise<void> {
    if (await this.#ask({ do: "accept_file", file, send })) this.#acceptedFiles.add(file);
  }

  /** Aborts the run. Another run takes over what the aborted run did not deliver. */
  async #continue(): Promise<void> {
    if (this.#runs > 1 || (await this.#run.status()).delivery_completed) return;
    this.model.aborted = true;
    for (const digest of await namedDigests(this.#run)) this.#named.add(digest);
    this.#run.enqueued = [];
    await continued(this.#run, liveOption(this.#setting));
    this.#isVouchedFor = false;
    this.#runs += 1;
    this.model.continueInAnotherRun();
  }

  async #ask(command: Command): Promise<boolean> {
    return (await act(this.#run, command, NOTE)).ok;
  }

  async #anyBatch(pick: Pick): Promise<BatchNow | undefined> {
    const all = await batchesOf(this.#run);
    const troubled = all.filter(
      ({ state }) => state === "held" || state === "refused" || state === "pending",
    );
    return troubled[pick(Math.max(1, troubled.length))];
  }
}
