// The waiting windows, in the order in which they start. A person reorders them with the mouse or with buttons.
import { useId } from "preact/hooks";
import type { WindowItem } from "../../../contract/api/api-types.ts";
import { queuePaths } from "../../api/queue-paths.ts";
import { Instant } from "../../parts/instant.tsx";
import { queueAddress } from "../../parts/links.tsx";
import { EmptyState, Refusal } from "../../parts/notice.tsx";
import { PagedTable } from "../../parts/paged-table.tsx";
import { ROWS_PER_PAGE, useList } from "../../state/pages.ts";
import { now } from "../../state/poller.ts";
import { isOperator } from "../../state/session.ts";
import { count } from "../../text/numbers.ts";
import { texts } from "../../text/texts.ts";
import { isQueueAtWork, openFeed, queueReceiver } from "./queue-feed.ts";
import { Hindrance } from "./queue-head.tsx";
import { useReorder, type Reorder } from "./use-reorder.ts";
import { CancelWindow, windowColumns, WindowLink } from "./window-cells.tsx";

export function WaitingWindows() {
  const t = texts.value.queue;
  const receiver = queueReceiver.value;
  const list = useList<WindowItem>(`waiting ${receiver}`, {
    path: (cursor, limit) => queuePaths.windows({ receiver, state: "queued", cursor, limit }),
    works: isQueueAtWork,
  });
  const rows = list.rows() ?? [];
  const ids = rows.map(({ id }) => id);
  const isFirstShown = !list.hasEarlier();
  const firstPlace = (list.state.value?.before.length ?? 0) * ROWS_PER_PAGE + 1;
  const reorder = useReorder(ids, receiver);
  const whyId = useId();
  const placeOf = (id: number) => count(firstPlace + ids.indexOf(id));
  return (
    <section aria-labelledby="waiting">
      <h2 id="waiting">{t.waiting}</h2>
      {!isOperator.value && rows.length > 0 && (
        <p class="quiet" id={whyId}>
          {texts.value.parts.viewerOnly}
        </p>
      )}
      <Refusal problem={reorder.problem} isAlert />
      <p class="unseen" aria-live="polite">
        {reorder.movedId !== null && t.moved(String(reorder.movedId), placeOf(reorder.movedId))}
      </p>
      <PagedTable
        label={t.waiting}
        list={list}
        rowKey={({ id }) => id}
        rowProps={({ id }) => reorder.rowProps(id)}
        columns={[
          {
            key: "window",
            head: t.window,
            cell: (one) => (
              <>
                <span class="place">{placeOf(one.id)}</span> <WindowLink of={one} />
              </>
            ),
          },
          {
            key: "order",
            head: t.order,
            cell: (one) => (
              <span class="row-verbs">
                <OrderButtons of={one} ids={ids} reorder={reorder} whyId={whyId} />
                <CancelWindow of={one} />
              </span>
            ),
          },
          {
            key: "waits",
            head: t.waitsFor,
            cell: (one) => <WaitsFor of={one} isFirst={isFirstShown && one.id === ids[0]} />,
          },
          { key: "priority", head: t.priority, isNumber: true, cell: ({ priority }) => count(priority) },
          ...windowColumns(),
          { key: "expires", head: t.expires, cell: ({ expires_at }) => <Instant at={expires_at} /> },
        ]}
        empty={
          <EmptyState title={t.noneWaiting}>
            <a href={queueAddress(receiver, "/add")}>{t.add}</a>
          </EmptyState>
        }
      />
    </section>
  );
}

function WaitsFor({ of: { not_before }, isFirst }: { of: WindowItem; isFirst: boolean }) {
  const t = texts.value.queue;
  const queue = openFeed().data.value?.queue;
  if (not_before !== null && Date.parse(not_before) > now.value) {
    return (
      <span class="wraps">
        {t.hindrances.not_before} <Instant at={not_before} />
      </span>
    );
  }
  if (!isFirst) return <span class="quiet">{t.behind}</span>;
  return <span class="wraps">{queue?.hindrance ? <Hindrance queue={queue} /> : t.startsNow}</span>;
}

function OrderButtons(props: { of: WindowItem; ids: readonly number[]; reorder: Reorder; whyId: string }) {
  const t = texts.value.queue;
  const { ids, reorder } = props;
  const { id } = props.of;
  const index = ids.indexOf(id);
  const button = (way: "up" | "down", other: number | undefined) => (
    <button
      type="button"
      class="small"
      data-move={`${id} ${way}`}
      disabled={!isOperator.value}
      // `disabled` would take the focus from the button when its window reaches the end of the list.
      aria-disabled={other === undefined || reorder.isBusy}
      aria-describedby={isOperator.value ? undefined : props.whyId}
      aria-label={t[way === "up" ? "moveUp" : "moveDown"](String(id))}
      onClick={() =>
        void (
          other === undefined || reorder.move(id, way === "up" ? { before: other } : { after: other }, way)
        )
      }
    >
      {t[way]}
    </button>
  );
  return (
    <>
      {button("up", ids[index - 1])} {button("down", ids[index + 1])}
    </>
  );
}
