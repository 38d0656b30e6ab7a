// The runs that wait for a person or may wait for one, each with its reason and the next step.
import type { RunItem } from "../../contract/api/api-types.ts";
import { paths } from "../api/paths.ts";
import { Window } from "../parts/instant.tsx";
import { Loaded } from "../parts/loaded.tsx";
import { StageBadge } from "../parts/stage-badge.tsx";
import { useFeed } from "../state/feed.ts";
import { runFeed } from "../state/frame-feeds.ts";
import { WAITING_STAGES } from "../state/run-stage.ts";
import { explainReason } from "../text/codes.ts";
import { texts } from "../text/texts.ts";

const SHOWN = 20;

export function NeedsYou() {
  const t = texts.value.home;
  const waiting = useFeed(paths.runs({ stage: WAITING_STAGES.join(","), limit: SHOWN }));
  return (
    <section aria-labelledby="needs-you">
      <h2 id="needs-you">{t.needsYou}</h2>
      <Loaded feed={waiting}>
        {({ items }) =>
          items.length === 0 ? (
            <p class="calm">{t.nothing}</p>
          ) : (
            <ul class="needs">
              {byUrgency(items).map((run) => (
                <WaitingRun key={run.id} run={run} />
              ))}
            </ul>
          )
        }
      </Loaded>
    </section>
  );
}

/** Asks for the run's status, because the list of runs does not contain the reason. */
function WaitingRun({ run }: { run: RunItem }) {
  const status = useFeed(runFeed(run.id).path)?.data.value ?? null;
  const reason = status?.state_reason ?? null;
  const explained = reason && explainReason(reason.code);
  return (
    <li>
      <StageBadge stage={status?.stage_code ?? run.stage_code} />
      <a href={`/ui/runs/${run.id}`}>
        <Window start={run.start} end={run.end} isEndOutside={run.end_exclusive} />
      </a>
      <span class="reason">
        {explained ? `${explained[0]} ${explained[1]}` : status === null ? run.summary : ""}{" "}
        {reason && <code>{reason.code}</code>}{" "}
        {reason && (
          <span lang="en" class="quiet">
            {reason.detail}
          </span>
        )}
      </span>
    </li>
  );
}

function byUrgency(runs: readonly RunItem[]): RunItem[] {
  return runs.toSorted((one, other) => rank(one) - rank(other));
}

function rank({ stage_code }: RunItem): number {
  return WAITING_STAGES.findIndex((stage) => stage === stage_code);
}
