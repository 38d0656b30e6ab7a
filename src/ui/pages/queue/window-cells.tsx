// Table cells that several tables of windows use.
import type { WindowItem } from "../../../contract/api/api-types.ts";
import { queuePaths } from "../../api/queue-paths.ts";
import { Instant, Window } from "../../parts/instant.tsx";
import { RunLink, windowAddress } from "../../parts/links.tsx";
import { Badge } from "../../parts/stage-badge.tsx";
import type { Column } from "../../parts/table.tsx";
import { Verb } from "../../parts/verb.tsx";
import type { Tone } from "../../state/run-stage.ts";
import { zone } from "../../state/settings.ts";
import { windowWord } from "../../text/codes.ts";
import { count } from "../../text/numbers.ts";
import { actorText } from "../../text/punctuation.ts";
import { texts } from "../../text/texts.ts";
import { wallClock } from "../../text/time.ts";
import { queueReceiver } from "./queue-feed.ts";

const TONES: Record<WindowItem["state"], Tone> = {
  queued: "idle",
  running: "work",
  delivered: "green",
  blocked: "red",
  needs_attention: "red",
  expired: "amber",
  failed: "red",
  cancelled: "idle",
  coalesced: "idle",
};

export function WindowLink({ of: { id, kind, start, end, end_exclusive } }: { of: WindowItem }) {
  return (
    <>
      <a href={windowAddress(id, queueReceiver.value)}>
        <Window start={start} end={end} isEndOutside={end_exclusive} />
      </a>
      {kind === "series" && <span class="tag">{texts.value.queue.series}</span>}
    </>
  );
}

export function WindowState({ of: { state } }: { of: WindowItem }) {
  return <Badge tone={TONES[state]}>{windowWord(state)}</Badge>;
}

export function StateReason({ of: { state, state_reason: reason } }: { of: WindowItem }) {
  const nexts: Partial<Record<string, string>> = texts.value.queue.nextSteps;
  return (
    <>
      {nexts[state]} {reason && <code title={reason.detail}>{reason.code}</code>}
    </>
  );
}

/** The columns that every table of windows has, after its own columns. */
export function windowColumns(): Column<WindowItem>[] {
  const t = texts.value.queue;
  return [
    {
      key: "reason",
      head: t.reason,
      cell: ({ reason }) => (
        <span class="clip" title={reason}>
          {reason}
        </span>
      ),
    },
    {
      key: "attempts",
      head: t.attempts,
      isNumber: true,
      isExtra: true,
      cell: (one) => t.attemptsOf(count(one.attempts), count(one.max_attempts)),
    },
    {
      key: "by",
      head: t.queuedBy,
      isExtra: true,
      cell: ({ actor, source }) => (
        <span class="clip" title={source ?? undefined}>
          {actorText(actor)}
        </span>
      ),
    },
    { key: "at", head: t.queuedAt, isExtra: true, cell: ({ created_at }) => <Instant at={created_at} /> },
  ];
}

export function runColumn(): Column<WindowItem> {
  return { key: "run", head: texts.value.queue.run, cell: ({ run }) => <RunLink run={run} /> };
}

/** Cancelling a running window aborts its run. So the person must type the date. */
export function CancelWindow({ of: one }: { of: WindowItem }) {
  const t = texts.value.queue;
  const abortsRun = one.kind === "window" && (one.state === "running" || one.state === "needs_attention");
  const date = wallClock(one.start, zone.value)?.date ?? one.start;
  return (
    <Verb
      label={t.cancel}
      title={t.cancelTitle(String(one.id))}
      now={abortsRun ? t.cancelRunNow : one.kind === "series" ? t.cancelSeriesNow : t.cancelNow}
      later={t.cancelLater}
      path={queuePaths.window(one.id, queueReceiver.value)}
      method="DELETE"
      isDanger
      {...(abortsRun && { typeDate: date })}
    />
  );
}
