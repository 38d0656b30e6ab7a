// The buttons that change a run. For each stage, one button is highlighted. The API decides what is possible. The
// page only hides buttons that never apply in the stage.
import type { RunStatusAnswer } from "../../../contract/api/api-types.ts";
import type { AcceptableCode } from "../../../contract/operator.ts";
import type { Stage } from "../../../contract/states.ts";
import { paths } from "../../api/paths.ts";
import { lazyPage } from "../../parts/lazy-page.tsx";
import { Verb } from "../../parts/verb.tsx";
import { helpsToRetry, mayHaveArrived } from "../../state/batch-waits.ts";
import { navigate } from "../../state/location.ts";
import { newRunFromPlan } from "../../state/plan-settings.ts";
import { named } from "../../text/punctuation.ts";
import { texts } from "../../text/texts.ts";
import { dateOf } from "./window-date.ts";
import { AnswersVerb, LimitsVerb, OverlapVerb } from "./run-form-verbs.tsx";

const ENDED: ReadonlySet<Stage> = new Set(["cleaned", "aborted", "counted"]);
const DELIVERED: ReadonlySet<Stage> = new Set(["sent_waiting_cleanup", "cleaned"]);
/** The codes that POST /runs/:id/accept accepts. The compiler refuses a missing code. */
const ACCEPTABLE = {
  empty_window: true,
  foreign_folders: true,
  late_files: true,
  log_without_time: true,
  not_looked_through: true,
  duplicate_objects: true,
  suspect_records: true,
  live_waiting: true,
  live_batch_size_unproven: true,
} as const satisfies Record<AcceptableCode, true>;

/** A script of its own, because few visits see a canary that waits. */
const ResumeCanary = lazyPage(() => import("./resume-canary.tsx").then((part) => part.ResumeCanary));
/** The files that need a decision each, by the code of the run. */
const FILES_OF: Readonly<Record<string, string>> = {
  suspicious_files: "suspicious",
  changed_files: "changed",
};

export function RunActions({ run }: { run: RunStatusAnswer }) {
  const { stage_code: stage } = run;
  if (run.dry_run) return <DryRunActions run={run} />;
  if (stage === "aborted") return <ContinueVerb run={run} />;
  return (
    <>
      {DELIVERED.has(stage) && (
        <a class="button primary" href={`/ui/runs/${run.id}/evidence`}>
          {texts.value.runVerbs.getEvidence}
        </a>
      )}
      {stage === "needs_attention" && <DecideVerbs run={run} />}
      {stage === "paused" && <ResumeVerb run={run} />}
      {stage === "suspended" && <SuspendedVerbs run={run} />}
      {isSending(stage) && <PauseVerb run={run} isPrimary />}
      {!DELIVERED.has(stage) && stage !== "aborting" && <LimitsVerb run={run} />}
      {!ENDED.has(stage) && stage !== "aborting" && <VerifyVerb run={run} />}
      {!DELIVERED.has(stage) && <AbortVerb run={run} />}
    </>
  );
}

function isSending(stage: Stage): boolean {
  return stage === "sending" || stage === "scanning_and_queueing";
}

function DryRunActions({ run }: { run: RunStatusAnswer }) {
  if (run.stage_code === "counted" && run.plan_hash !== null) {
    return (
      <a class="button primary" href={newRunFromPlan(run.id)}>
        {texts.value.run.planStart}
      </a>
    );
  }
  return ENDED.has(run.stage_code) ? null : <AbortVerb run={run} />;
}

function PauseVerb({ run, isPrimary }: { run: RunStatusAnswer; isPrimary?: boolean }) {
  const t = texts.value.verbs;
  return (
    <Verb
      label={t.pause}
      now={t.pauseNow}
      later={t.pauseLater}
      openPosts={run.in_flight}
      path={paths.runVerb(run.id, "pause")}
      {...(isPrimary && { isPrimary })}
    />
  );
}

function ResumeVerb({ run }: { run: RunStatusAnswer }) {
  const t = texts.value.runVerbs;
  return (
    <>
      {run.state_reason?.code === "canary" ? (
        <ResumeCanary run={run} />
      ) : (
        <Verb label={t.resume} now={t.resumeNow} path={paths.runVerb(run.id, "resume")} isPrimary />
      )}
      {run.answers.unusual > 0 && <AnswersVerb run={run} />}
    </>
  );
}

function SuspendedVerbs({ run }: { run: RunStatusAnswer }) {
  const t = texts.value.runVerbs;
  const code = run.state_reason?.code;
  if (code === "unusual_answers" || code === "receiver_answer_does_not_match")
    return <AnswersVerb run={run} />;
  if (code === "receiver_changed") {
    return (
      <Verb
        label={t.acceptReceiver}
        now={t.acceptReceiverNow}
        later={t.acceptLater}
        path={paths.runVerb(run.id, "resume")}
        body={{ accept_receiver: true }}
        note="needed"
        isPrimary
      />
    );
  }
  return <PauseVerb run={run} />;
}

function DecideVerbs({ run }: { run: RunStatusAnswer }) {
  const t = texts.value.runVerbs;
  const code = run.state_reason?.code ?? "";
  const hasHeld = mayHaveArrived(run);
  const isAcceptable = Object.hasOwn(ACCEPTABLE, code);
  return (
    <>
      {code === "overlap" && <OverlapVerb run={run} />}
      {decideHref(run) && (
        <a class="button primary" href={decideHref(run) ?? ""}>
          {t.decideEach}
        </a>
      )}
      {code === "late_files" && (
        <Verb
          label={t.takeLate}
          now={t.takeLateNow}
          path={paths.runVerb(run.id, "late/take")}
          replayDate={dateOf(run)}
          isPrimary
        />
      )}
      {isAcceptable && (
        <Verb
          label={t.accept}
          title={named(t.accept, code)}
          now={t.acceptNow}
          later={t.acceptLater}
          path={paths.runVerb(run.id, "accept")}
          body={{ codes: [code] }}
          note="needed"
          isPrimary={code !== "late_files"}
        />
      )}
      {helpsToRetry(run) && (
        <Verb
          label={t.retryAll}
          now={t.retryAllNow}
          later={t.retryAllLater}
          path={paths.runVerb(run.id, "retry")}
          replayDate={dateOf(run)}
          // Held batches may have arrived, so the partner must be asked first. So the button that sends all of them
          // again is not highlighted and asks for the date.
          {...(hasHeld && { typeDate: dateOf(run), isDanger: true })}
          isPrimary={!isAcceptable && code !== "overlap" && !hasHeld && decideHref(run) === null}
        />
      )}
    </>
  );
}

/** The list of files or batches in which the person decides about each row. Null: the run is decided as a whole. */
function decideHref(run: RunStatusAnswer): string | null {
  const code = run.state_reason?.code ?? "";
  const files = FILES_OF[code];
  if (files !== undefined) return `/ui/runs/${run.id}/files?state=${files}`;
  return code === "held_batches" ? `/ui/runs/${run.id}/batches?state=held` : null;
}

function VerifyVerb({ run }: { run: RunStatusAnswer }) {
  const t = texts.value.runVerbs;
  return <Verb label={t.verify} now={t.verifyNow} path={paths.runVerb(run.id, "verify")} note="none" />;
}

function AbortVerb({ run }: { run: RunStatusAnswer }) {
  const t = texts.value.runVerbs;
  const isAborting = run.stage_code === "aborting";
  return (
    <Verb
      label={isAborting ? t.force : t.abort}
      now={isAborting ? t.forceNow : t.abortNow}
      later={isAborting ? t.forceLater : t.abortLater}
      openPosts={run.leases_out}
      path={paths.run(run.id)}
      method="DELETE"
      {...(isAborting && { body: { force: true } })}
      typeDate={dateOf(run)}
      isDanger
    />
  );
}

function ContinueVerb({ run }: { run: RunStatusAnswer }) {
  const t = texts.value.runVerbs;
  return (
    <Verb
      label={t.continue}
      now={t.continueNow}
      later={t.continueLater}
      path={paths.start}
      body={{ continue_of: run.id }}
      once
      replayDate={dateOf(run)}
      isPrimary
      onDone={({ id }) => navigate(`/ui/runs/${id}`)}
    />
  );
}
