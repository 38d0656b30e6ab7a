// Lists the notification channels, each with its last outcome and a test. The page shows only the host of a channel,
// because the URL is a secret and the API does not return it.
import type { NotificationsAnswer } from "../../contract/api/api-types.ts";
import { notificationPaths } from "../api/notifications.ts";
import { Instant } from "../parts/instant.tsx";
import { Loaded } from "../parts/loaded.tsx";
import { EmptyState, Notice } from "../parts/notice.tsx";
import { Badge } from "../parts/stage-badge.tsx";
import { Table } from "../parts/table.tsx";
import { Verb } from "../parts/verb.tsx";
import { useFeed } from "../state/feed.ts";
import { count } from "../text/numbers.ts";
import { named } from "../text/punctuation.ts";
import { texts } from "../text/texts.ts";

type Channel = NotificationsAnswer["channels"][number];

export function Channels() {
  const t = texts.value.system;
  const feed = useFeed(notificationPaths.all, { works: ({ channels }) => channels.some(isPending) });
  const isAbsent = feed?.problem.value?.code === "no_such_route";
  return (
    <section aria-labelledby="channels">
      <h2 id="channels">{t.channels}</h2>
      {isAbsent ? (
        <EmptyState title={t.channelsUnknown} />
      ) : (
        <Loaded feed={feed}>
          {({ channels, faults }) => (
            <>
              {faults.map(({ name, detail }) => (
                <Notice key={name} tone="red" title={<code>{name}</code>}>
                  <p lang="en">{detail}</p>
                </Notice>
              ))}
              {channels.length === 0 ? (
                <EmptyState title={t.noChannels} />
              ) : (
                <Table label={t.channels} rows={channels} rowKey={({ name }) => name} columns={columns()} />
              )}
            </>
          )}
        </Loaded>
      )}
    </section>
  );
}

function isPending({ pending }: Channel): boolean {
  return pending > 0;
}

function columns() {
  const t = texts.value.system;
  return [
    { key: "name", head: t.name, cell: ({ name }: Channel) => <code>{name}</code> },
    { key: "kind", head: t.kind, cell: ({ kind }: Channel) => kind ?? "—" },
    { key: "host", head: t.host, cell: ({ host }: Channel) => <code>{host ?? "—"}</code> },
    { key: "outcome", head: t.outcome, cell: (channel: Channel) => <Outcome of={channel} /> },
    { key: "at", head: t.at, cell: ({ last }: Channel) => <Instant at={last?.at} /> },
    { key: "pending", head: t.pending, isNumber: true, cell: ({ pending }: Channel) => count(pending) },
    { key: "given", head: t.givenUp, isNumber: true, cell: ({ counts }: Channel) => count(counts.given_up) },
    { key: "test", head: t.test, cell: ({ name }: Channel) => <Test name={name} /> },
  ];
}

function Outcome({ of: { last, fault } }: { of: Channel }) {
  const t = texts.value.system;
  if (fault !== null) return <Badge tone="red">{named(t.outcomes.bad_channel, fault)}</Badge>;
  if (last === null) return <span class="quiet">{t.neverUsed}</span>;
  const words: Readonly<Record<string, string>> = t.outcomes;
  return (
    <>
      <Badge tone={last.outcome === "delivered" ? "green" : "amber"}>
        {words[last.outcome] ?? last.outcome}
      </Badge>{" "}
      <span class="quiet">{last.detail}</span>
    </>
  );
}

function Test({ name }: { name: string }) {
  const t = texts.value.system;
  return (
    <Verb
      label={t.test}
      title={named(t.test, name)}
      now={t.testNow(name)}
      later={t.testLater}
      path={notificationPaths.test}
      body={{ channel: name }}
      note="none"
    />
  );
}
