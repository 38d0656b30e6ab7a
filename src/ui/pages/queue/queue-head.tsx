// Shows whether the queue starts windows, why it does not, and the buttons for the whole queue.
import type { Queue } from "../../../contract/api/api-types.ts";
import { queuePaths } from "../../api/queue-paths.ts";
import { Actions } from "../../parts/actions.tsx";
import { Instant } from "../../parts/instant.tsx";
import { queueAddress, RunLink } from "../../parts/links.tsx";
import { Notice } from "../../parts/notice.tsx";
import { Verb } from "../../parts/verb.tsx";
import { count } from "../../text/numbers.ts";
import { actorText } from "../../text/punctuation.ts";
import { texts } from "../../text/texts.ts";
import { queueReceiver } from "./queue-feed.ts";

export function QueueHead({ queue }: { queue: Queue }) {
  const t = texts.value.queue;
  const { paused } = queue;
  const receiver = queueReceiver.value;
  return (
    <>
      {paused && (
        <Notice tone="amber" title={t.paused}>
          <p>
            {actorText(paused.actor)} · <Instant at={paused.at} />
            {paused.note !== null && ` · ${paused.note}`}
          </p>
        </Notice>
      )}
      <p>
        {t.counts(count(queue.queued), count(queue.running))}
        {!paused && queue.hindrance && (
          <>
            {" "}
            <Hindrance queue={queue} />
          </>
        )}
        {queue.reserved.map((run) => (
          <span key={run}>
            {" "}
            {t.reserved} <RunLink run={run} />
          </span>
        ))}
      </p>
      <Actions>
        <a class={paused ? "button" : "button primary"} href={queueAddress(receiver, "/add")}>
          {t.add}
        </a>
        {paused ? (
          <Verb label={t.resume} now={t.resumeNow} path={queuePaths.resume(receiver)} isPrimary />
        ) : (
          <Verb label={t.pause} now={t.pauseNow} later={t.pauseLater} path={queuePaths.pause(receiver)} />
        )}
      </Actions>
    </>
  );
}

/** Shows why the first window of the queue does not start. */
export function Hindrance({ queue: { hindrance, waits_for: detail } }: { queue: Queue }) {
  if (hindrance === null) return null;
  const { code, run, not_before: notBefore } = hindrance;
  return (
    <>
      <span title={detail ?? undefined}>{texts.value.queue.hindrances[code]}</span>{" "}
      {run !== null && <RunLink run={run} />}
      {notBefore !== null && <Instant at={notBefore} />}
    </>
  );
}
