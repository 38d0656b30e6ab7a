// /ui/runs/:id/events lists all changes of a run. Events of people are shown in full. Events of the run itself are
// folded and counted by kind.
import { useState } from "preact/hooks";
import type { EventItem, RunStatusAnswer } from "../../../contract/api/api-types.ts";
import { paths } from "../../api/paths.ts";
import { Instant } from "../../parts/instant.tsx";
import { Greyed } from "../../parts/loaded.tsx";
import { Loading } from "../../parts/loading.tsx";
import { EmptyState, Refusal } from "../../parts/notice.tsx";
import { useList } from "../../state/pages.ts";
import type { PageProps } from "../../state/routes.ts";
import { isWorking } from "../../state/run-stage.ts";
import { count } from "../../text/numbers.ts";
import { actorText, listed, named } from "../../text/punctuation.ts";
import { texts } from "../../text/texts.ts";
import { RunFrame } from "../run/run-frame.tsx";
import { groupEvents, kindCounts, type EventGroup } from "./event-groups.ts";

export function EventsPage({ params }: PageProps) {
  return <RunFrame id={params["id"] ?? ""}>{(run) => <Events run={run} />}</RunFrame>;
}

function Events({ run }: { run: RunStatusAnswer }) {
  const t = texts.value.runEvents;
  const parts = texts.value.parts;
  const list = useList<EventItem>(`events ${run.id}`, {
    path: (cursor, limit) => paths.events(run.id, { cursor, limit }),
    works: () => isWorking(run.stage_code),
  });
  const rows = list.rows();
  const isWaiting = list.isLoading.value || list.isSearching.value;
  const isAll = !list.hasMore() && !list.hasEarlier();
  return (
    <>
      <p class="quiet">{t.hint}</p>
      <Refusal problem={list.problem.value} />
      {rows === null && list.problem.value === null && <Loading />}
      {rows?.length === 0 && isAll && <EmptyState title={t.none} />}
      {rows !== null && rows.length > 0 && (
        <Greyed>
          {list.hasEarlier() && (
            <p class="paging">
              <button type="button" disabled={isWaiting} onClick={() => void list.earlier()}>
                {parts.earlier}
              </button>
            </p>
          )}
          <ol class="events" aria-label={t.title}>
            {groupEvents(rows).map((group) => (
              <li key={group.events[0]?.event} class={group.isSystem ? "by-system" : "by-person"}>
                {group.isSystem ? <SystemEvents group={group} /> : <PersonEvent event={group.events[0]} />}
              </li>
            ))}
          </ol>
          <p class="paging quiet">
            {list.hasMore() && (
              <button type="button" disabled={isWaiting} onClick={() => void list.more()}>
                {parts.more}
              </button>
            )}{" "}
            {isAll ? t.allShown(count(rows.length)) : t.shown(count(rows.length))}
          </p>
        </Greyed>
      )}
    </>
  );
}

function PersonEvent({ event }: { event: EventItem | undefined }) {
  if (!event) return null;
  const { note, ...detail } = event.detail;
  return (
    <>
      <Instant at={event.at} /> <strong>{event.kind}</strong> {texts.value.runEvents.by}{" "}
      <code class="actor">{actorText(event.actor)}</code>
      {typeof note === "string" && note !== "" && <blockquote>{note}</blockquote>}
      <Members detail={detail} />
    </>
  );
}

/** The rows are created only when a person unfolds the group. */
function SystemEvents({ group }: { group: EventGroup }) {
  const t = texts.value.runEvents;
  const [isOpen, setOpen] = useState(false);
  const [first] = group.events;
  return (
    <details onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>
        <Instant at={first?.at} /> {named(t.system(count(group.events.length)), "")}
        {listed(
          kindCounts(group.events).map(([kind, events]) =>
            events === 1 ? kind : `${kind} × ${count(events)}`,
          ),
        )}
      </summary>
      {isOpen && (
        <ul>
          {group.events.map(({ event, at, kind, detail }) => (
            <li key={event}>
              <Instant at={at} /> <strong>{kind}</strong> <Members detail={detail} />
            </li>
          ))}
        </ul>
      )}
    </details>
  );
}

/** Shows names and values as the API returns them. */
function Members({ detail }: { detail: EventItem["detail"] }) {
  const members = Object.entries(detail).filter(([, value]) => value !== null && value !== undefined);
  return (
    <span class="members" lang="en">
      {members.map(([name, value]) => (
        <span key={name}>
          <span class="quiet">{name}</span>{" "}
          <code>{typeof value === "string" ? value : JSON.stringify(value)}</code>{" "}
        </span>
      ))}
    </span>
  );
}
