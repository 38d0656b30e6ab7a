// /ui/runs/:id shows the state of a run, the reason for it, and what a person can do.
import { Actions } from "../../parts/actions.tsx";
import { lazyPage } from "../../parts/lazy-page.tsx";
import { sendsToPartner } from "../../state/receiver-names.ts";
import type { PageProps } from "../../state/routes.ts";
import { RunActions } from "./run-actions.tsx";
import { RunFrame } from "./run-frame.tsx";
import { RunLines } from "./run-lines.tsx";
import { RunProblems } from "./run-problems.tsx";
import { RunRate } from "./run-rate.tsx";
import { RunReason } from "./run-reason.tsx";
import { RunSettings } from "./run-settings.tsx";
import { RunTwice } from "./run-twice.tsx";
import { RunWork } from "./run-work.tsx";

/** A script of its own, because few visits see a canary that waits. */
const RunCanary = lazyPage(() => import("./run-canary.tsx").then((part) => part.RunCanary));
/** This section is a script of its own, because it needs the rules of Coverage. */
const RunClosed = lazyPage(() => import("./run-closed.tsx").then((part) => part.RunClosed), ["closed"]);

/** A script of its own, because few runs leave such records out. */
const RunLeftOut = lazyPage(() => import("./run-left-out.tsx").then((part) => part.RunLeftOut), ["closed"]);

/** Scripts of their own, because few runs have a plan or get unusual answers. */
const RunPlan = lazyPage(() => import("./run-plan.tsx").then((part) => part.RunPlan), ["runPlan"]);
const RunAnswers = lazyPage(() => import("./run-answers.tsx").then((part) => part.RunAnswers));

export function RunPage({ params }: PageProps) {
  return (
    <RunFrame id={params["id"] ?? ""}>
      {(run) => (
        <>
          <RunReason run={run} />
          {/* Coverage knows the deliveries to the partner only. */}
          {run.delivery_completed && sendsToPartner(run) && <RunClosed run={run} />}
          {run.live?.outside_not_delivered && <RunLeftOut run={run} />}
          <Actions>
            <RunActions run={run} />
          </Actions>
          {run.state_reason?.code === "canary" && <RunCanary run={run} />}
          {run.plan !== null && <RunPlan run={run} />}
          <RunLines run={run} />
          {!run.dry_run && <RunTwice run={run} />}
          {!run.dry_run && <RunRate run={run} />}
          {run.answers.unusual > 0 && <RunAnswers run={run} />}
          <RunProblems run={run} />
          <div class="columns">
            <RunWork run={run} />
            <RunSettings run={run} />
          </div>
        </>
      )}
    </RunFrame>
  );
}
