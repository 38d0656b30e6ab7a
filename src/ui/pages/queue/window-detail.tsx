// One window of the queue: its runs, its overlaps, its events, and for a series its parts.
import { useEffect, useRef } from "preact/hooks";
import type { WindowAnswer } from "../../../contract/api/api-types.ts";
import { queuePaths } from "../../api/queue-paths.ts";
import { Instant, Window } from "../../parts/instant.tsx";
import { RunLink, windowAddress } from "../../parts/links.tsx";
import { Loaded } from "../../parts/loaded.tsx";
import { Table } from "../../parts/table.tsx";
import { useFeed } from "../../state/feed.ts";
import { setQuery } from "../../state/location.ts";
import { windowWord } from "../../text/codes.ts";
import { count, duration } from "../../text/numbers.ts";
import { actorText, named } from "../../text/punctuation.ts";
import { texts } from "../../text/texts.ts";
import { queueReceiver } from "./queue-feed.ts";
import { StateReason, WindowState } from "./window-cells.tsx";

export function WindowDetail({ id }: { id: number }) {
  const t = texts.value.queue;
  const feed = useFeed(queuePaths.window(id, queueReceiver.value), {
    works: ({ state }) => state === "running",
  });
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => heading.current?.focus(), []);
  return (
    <section aria-labelledby="window-detail" class="panel">
      <h2 id="window-detail" tabIndex={-1} ref={heading}>
        {t.windowTitle(String(id))}
      </h2>
      <Loaded feed={feed}>{(window) => <Facts window={window} />}</Loaded>
      <p>
        <button type="button" onClick={() => setQuery({ window: null })}>
          {texts.value.parts.close}
        </button>
      </p>
    </section>
  );
}

function Facts({ window }: { window: WindowAnswer }) {
  const t = texts.value.queue;
  const { chunks, runs, overlaps } = window;
  return (
    <>
      <dl class="facts">
        <dt>{t.window}</dt>
        <dd>
          <Window start={window.start} end={window.end} isEndOutside={window.end_exclusive} />
        </dd>
        <dt>{t.state}</dt>
        <dd>
          <WindowState of={window} /> <StateReason of={window} />
        </dd>
        <dt>{t.reason}</dt>
        <dd class="prose">{window.reason}</dd>
        <dt>{t.priority}</dt>
        <dd>{count(window.priority)}</dd>
        <dt>{t.attempts}</dt>
        <dd>{t.attemptsOf(count(window.attempts), count(window.max_attempts))}</dd>
        <dt>{t.queuedBy}</dt>
        <dd>
          {actorText(window.actor)} · <Instant at={window.created_at} />
          {window.source !== null && ` · ${window.source}`}
        </dd>
        <dt>{t.expires}</dt>
        <dd>
          <Instant at={window.expires_at} />
        </dd>
        {window.series !== null && <dt>{t.series}</dt>}
        {window.series !== null && (
          <dd>
            <a href={windowAddress(window.series, window.receiver)}>{t.windowTitle(String(window.series))}</a>
          </dd>
        )}
        {window.into !== null && <dt>{t.into}</dt>}
        {window.into !== null && (
          <dd>
            <a href={windowAddress(window.into, window.receiver)}>{t.windowTitle(String(window.into))}</a>
          </dd>
        )}
        {runs.length > 0 && <dt>{t.runs}</dt>}
        {runs.length > 0 && (
          <dd>
            {runs.map((run) => (
              <div key={run}>
                <RunLink run={run} />
              </div>
            ))}
          </dd>
        )}
        {overlaps.length > 0 && <dt>{t.overlaps}</dt>}
        {overlaps.length > 0 && (
          <dd>
            {overlaps.map(({ run, start, end }) => (
              <div key={`${run} ${start}`}>
                <Window start={start} end={end} /> <RunLink run={run} />
              </div>
            ))}
          </dd>
        )}
        {chunks && <dt>{t.parts}</dt>}
        {chunks && (
          <dd>
            {duration(chunks.chunk_seconds)}
            {Object.entries(chunks.windows).map(([state, n]) => ` · ${windowWord(state)} ${count(n)}`)}
            {chunks.left && (
              <div>
                {t.left} <Window start={chunks.left.start} end={chunks.left.end} isEndOutside />
              </div>
            )}
          </dd>
        )}
      </dl>
      <h3>{t.events}</h3>
      <Table
        isNarrow
        label={t.events}
        rows={window.events}
        rowKey={({ event }) => event}
        columns={[
          { key: "at", head: t.at, cell: ({ at }) => <Instant at={at} /> },
          { key: "kind", head: t.event, cell: ({ kind }) => <code>{kind}</code> },
          { key: "actor", head: texts.value.runs.actor, cell: ({ actor }) => actorText(actor) },
          { key: "detail", head: t.detail, cell: ({ detail }) => <code>{detailText(detail)}</code> },
        ]}
      />
    </>
  );
}

function detailText(detail: Readonly<Record<string, unknown>>): string {
  const given = Object.entries(detail).filter(([, value]) => value !== null);
  return given
    .map(([name, value]) => named(name, typeof value === "string" ? value : JSON.stringify(value)))
    .join(" · ");
}
