// The queues of all receivers: who has the slot, how many windows wait, and whether the queue is paused. The person
// chooses the queue that the page shows.
import type { SystemReceiver } from "../../../contract/api/api-types.ts";
import { queueAddress, RunLink } from "../../parts/links.tsx";
import { Badge } from "../../parts/stage-badge.tsx";
import { Table } from "../../parts/table.tsx";
import { useFeed } from "../../state/feed.ts";
import { namedReceiver } from "../../state/receiver-names.ts";
import { receivers } from "../../state/receivers.ts";
import { count, UNKNOWN } from "../../text/numbers.ts";
import { texts } from "../../text/texts.ts";
import { openFeedOf, queueReceiver } from "./queue-feed.ts";

export function QueuesOfReceivers() {
  const t = texts.value.receivers;
  return (
    <section aria-labelledby="queues">
      <h2 id="queues">{t.queues}</h2>
      <p>{t.queuesHint}</p>
      <Table
        isNarrow
        label={t.queues}
        rows={receivers.value}
        rowKey={({ name }) => name}
        columns={[
          { key: "name", head: t.name, cell: ({ name }) => <QueueLink of={name} /> },
          { key: "slot", head: t.slot, cell: (one) => <Slot of={one} /> },
          { key: "waiting", head: t.waiting, isNumber: true, cell: (one) => <Waiting of={one} /> },
          { key: "state", head: t.queueState, cell: (one) => <State of={one} /> },
        ]}
      />
    </section>
  );
}

function QueueLink({ of: name }: { of: string }) {
  const isShown = queueReceiver.value === namedReceiver(name);
  return (
    <>
      <a href={queueAddress(name)} aria-current={isShown ? "true" : undefined}>
        {isShown ? <strong>{name}</strong> : name}
      </a>
      {isShown && <span class="tag">{texts.value.receivers.shown}</span>}
    </>
  );
}

interface OfReceiver {
  of: SystemReceiver;
}

function Slot({ of: { slot_holder: holder } }: OfReceiver) {
  return holder === null ? <>{texts.value.receivers.slotFree}</> : <RunLink run={holder} />;
}

function useQueue(name: string) {
  return useFeed(openFeedOf(namedReceiver(name)).path)?.data.value?.queue ?? null;
}

function Waiting({ of: { name } }: OfReceiver) {
  const queue = useQueue(name);
  return <>{queue === null ? UNKNOWN : count(queue.queued)}</>;
}

function State({ of: { name } }: OfReceiver) {
  const t = texts.value.receivers;
  const queue = useQueue(name);
  if (queue === null) return <>{UNKNOWN}</>;
  return queue.paused === null ? <>{t.queueRuns}</> : <Badge tone="amber">{t.queuePaused}</Badge>;
}
