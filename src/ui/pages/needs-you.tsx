// Shows what waits for a person, or may wait for one: holes of the last 24 hours, runs, blocked windows of the queue,
// and a paused queue. Each entry shows its reason and the next step.
import type {
  CoverageAnswer,
  CoverageHole,
  RunItem,
  WindowItem,
  WindowListAnswer,
} from "../../contract/api/api-types.ts";
import { paths } from "../api/paths.ts";
import { queuePaths } from "../api/queue-paths.ts";
import { Instant, Window } from "../parts/instant.tsx";
import { queueAddress, windowAddress } from "../parts/links.tsx";
import { Loaded } from "../parts/loaded.tsx";
import { Loading } from "../parts/loading.tsx";
import { ReceiverName } from "../parts/receiver-name.tsx";
import { ReasonCode } from "../parts/reason-code.tsx";
import { Badge, StageBadge } from "../parts/stage-badge.tsx";
import { calmOf } from "../state/calm.ts";
import { useCoverageOfDay } from "../state/coverage-feed.ts";
import { useFeed, useFeeds } from "../state/feed.ts";
import { runFeed } from "../state/frame-feeds.ts";
import { newRunOfHole } from "../state/new-run-link.ts";
import { otherReceivers } from "../state/receivers.ts";
import { isUnanswered, openHoles } from "../state/replays.ts";
import { WAITING_STAGES } from "../state/run-stage.ts";
import { explainRun, windowWord } from "../text/codes.ts";
import { count } from "../text/numbers.ts";
import { runDetail } from "../text/run-detail.ts";
import { actorText, sentences } from "../text/punctuation.ts";
import { texts } from "../text/texts.ts";

const SHOWN = 20;
/** How many holes this section lists. The section below shows all holes. */
const HOLES_SHOWN = 5;

export function NeedsYou() {
  const t = texts.value.home;
  const waiting = useFeed(paths.runs({ stage: WAITING_STAGES.join(","), limit: SHOWN }));
  // The list `waiting` already shows a run that waits for a person. So the window of such a run is not listed again.
  const blocked = useFeed(queuePaths.windows({ state: "blocked", limit: SHOWN }));
  const others = useFeeds(
    otherReceivers.value.map((receiver) => queuePaths.windows({ receiver, state: "blocked", limit: SHOWN })),
  );
  const coverage = useCoverageOfDay();
  return (
    <section aria-labelledby="needs-you">
      <h2 id="needs-you">{t.needsYou}</h2>
      <Loaded feed={waiting}>
        {(runs) => (
          <Loaded feed={blocked}>
            {(windows) => (
              <Needs
                runs={runs.items}
                queues={[windows, ...others.flatMap(({ data }) => data.value ?? [])]}
                coverage={coverage?.data.value ?? null}
                isRefused={coverage !== null && coverage.problem.value !== null}
                isLoading={others.some(({ data }) => data.value === null)}
              />
            )}
          </Loaded>
        )}
      </Loaded>
    </section>
  );
}

function Needs({ runs, queues, coverage, isRefused, isLoading }: NeedsProps) {
  const t = texts.value.home;
  const holes = coverage === null ? [] : openHoles(coverage);
  const isCalm = queues.every(({ items, queue }) => items.length === 0 && queue.paused === null);
  if (runs.length === 0 && isCalm && holes.length === 0)
    return isLoading ? <Loading text={t.looking} /> : <Nothing coverage={coverage} isRefused={isRefused} />;
  return (
    <ul class="needs">
      {holes.slice(0, HOLES_SHOWN).map((hole) => (
        <OpenHole
          key={hole.start}
          hole={hole}
          isUnanswered={coverage !== null && isUnanswered(hole, coverage)}
        />
      ))}
      {holes.length > HOLES_SHOWN && (
        <li>
          <a href="/ui/coverage">{t.moreHoles(count(holes.length - HOLES_SHOWN))}</a>
        </li>
      )}
      {byUrgency(runs).map((run) => (
        <WaitingRun key={run.id} run={run} />
      ))}
      {queues.map((queue) => (
        <QueueNeeds key={queue.receiver} of={queue} />
      ))}
    </ul>
  );
}

function QueueNeeds({ of: { receiver, items, next_cursor, queue } }: { of: WindowListAnswer }) {
  const t = texts.value.home;
  return (
    <>
      {items.map((one) => (
        <BlockedWindow key={one.id} of={one} receiver={receiver} />
      ))}
      {next_cursor !== null && (
        <li>
          <a href={queueAddress(receiver)}>{t.moreBlocked(count(SHOWN))}</a>
          <ReceiverName of={receiver} />
        </li>
      )}
      {queue.paused && <PausedQueue paused={queue.paused} queued={queue.queued} receiver={receiver} />}
    </>
  );
}

interface NeedsProps {
  runs: readonly RunItem[];
  /** The blocked windows of each receiver. */
  queues: readonly WindowListAnswer[];
  /** Whether the bucket has markers of a live worker. Null: Coverage has not listed the bucket yet. */
  coverage: CoverageAnswer | null;
  /** True: Coverage refuses to answer. */
  isRefused: boolean;
  /** True: a queue has not answered yet. */
  isLoading: boolean;
}

/** Shown when nothing is known to need a person. The text mentions only what was checked. */
function Nothing({ coverage, isRefused }: Pick<NeedsProps, "coverage" | "isRefused">) {
  const t = texts.value.home;
  const calm = calmOf(coverage, isRefused);
  const words = {
    looking: t.looking,
    unknown: t.nothingButUnknown,
    possible: t.nothingButPossible(count(coverage?.possible_holes.length ?? 0)),
    nothing: t.nothing,
  };
  return <p class={calm === "nothing" ? "calm" : undefined}>{words[calm]}</p>;
}

/** `isUnanswered`: the live worker sent all of its batches, and some of them got no answer. */
function OpenHole({ hole, isUnanswered: waits }: { hole: CoverageHole; isUnanswered: boolean }) {
  const t = texts.value.home;
  return (
    <li>
      <Badge tone="red">{waits ? t.unanswered : t.hole}</Badge>
      <a href={newRunOfHole(hole)}>
        <Window start={hole.outer.start} end={hole.outer.end} isEndOutside />
      </a>
      <span class="reason">{waits ? t.unansweredNext : t.holeNext(count(hole.files))}</span>
    </li>
  );
}

function BlockedWindow({
  of: { id, state, start, end, end_exclusive, state_reason: reason },
  receiver,
}: {
  of: WindowItem;
  receiver: string;
}) {
  return (
    <li>
      <Badge tone="red">{windowWord(state)}</Badge>
      <ReceiverName of={receiver} />
      <a href={windowAddress(id, receiver)}>
        {texts.value.queue.windowTitle(String(id))} ·{" "}
        <Window start={start} end={end} isEndOutside={end_exclusive} />
      </a>
      <span class="reason">
        {texts.value.queue.nextSteps.blocked} {reason && <code title={reason.detail}>{reason.code}</code>}
      </span>
    </li>
  );
}

function PausedQueue(props: {
  paused: NonNullable<WindowListAnswer["queue"]["paused"]>;
  queued: number;
  receiver: string;
}) {
  const t = texts.value.home;
  const { at, actor, note } = props.paused;
  return (
    <li>
      <Badge tone="amber">{t.queuePaused}</Badge>
      <ReceiverName of={props.receiver} />
      <a href={queueAddress(props.receiver)}>{t.queueWaits(count(props.queued))}</a>
      <span class="reason">
        {t.queuePausedNext}{" "}
        <span class="quiet">
          {actorText(actor)} · <Instant at={at} />
          {note !== null && ` · ${note}`}
        </span>
      </span>
    </li>
  );
}

/** Asks for the run's status, because the list of runs does not contain the reason. */
function WaitingRun({ run }: { run: RunItem }) {
  const status = useFeed(runFeed(run.id).path)?.data.value ?? null;
  const reason = status?.state_reason ?? null;
  const explained = status && explainRun(status);
  const detail = status && runDetail(status);
  return (
    <li>
      <StageBadge stage={status?.stage_code ?? run.stage_code} />
      <ReceiverName of={run.receiver} />
      <a href={`/ui/runs/${run.id}`}>
        <Window start={run.start} end={run.end} isEndOutside={run.end_exclusive} />
      </a>
      <span class="reason">
        {explained ? sentences(...explained, detail?.own) : status === null ? run.summary : detail?.own}{" "}
        {reason && <ReasonCode code={reason.code} />}{" "}
        {reason && (
          <span lang="en" class="quiet">
            {detail?.english}
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
