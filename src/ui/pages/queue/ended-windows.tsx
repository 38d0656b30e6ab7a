// The windows that have ended, newest first.
import type { WindowItem } from "../../../contract/api/api-types.ts";
import { queuePaths } from "../../api/queue-paths.ts";
import { EmptyState } from "../../parts/notice.tsx";
import { PagedTable } from "../../parts/paged-table.tsx";
import { place, setQuery } from "../../state/location.ts";
import { useList } from "../../state/pages.ts";
import { windowWord } from "../../text/codes.ts";
import { texts } from "../../text/texts.ts";
import { isQueueAtWork, queueReceiver } from "./queue-feed.ts";
import { runColumn, StateReason, windowColumns, WindowLink, WindowState } from "./window-cells.tsx";

const ENDED = ["delivered", "failed", "expired", "cancelled", "coalesced"] as const;

export function EndedWindows() {
  const t = texts.value.queue;
  const wanted = new URLSearchParams(place.value.query).get("ended");
  const state = ENDED.find((one) => one === wanted) ?? ENDED.join(",");
  const receiver = queueReceiver.value;
  const list = useList<WindowItem>(`ended ${receiver} ${state}`, {
    path: (cursor, limit) => queuePaths.windows({ receiver, state, cursor, limit }),
    works: isQueueAtWork,
  });
  return (
    <section aria-labelledby="ended-windows">
      <h2 id="ended-windows">{t.ended}</h2>
      <div class="filters">
        <label>
          {t.state}{" "}
          <select
            value={wanted ?? ""}
            onChange={(event) => setQuery({ ended: event.currentTarget.value || null })}
          >
            <option value="">{t.anyState}</option>
            {ENDED.map((one) => (
              <option key={one} value={one}>
                {windowWord(one)}
              </option>
            ))}
          </select>
        </label>
      </div>
      <PagedTable
        label={t.ended}
        list={list}
        rowKey={({ id }) => id}
        columns={[
          { key: "window", head: t.window, cell: (one) => <WindowLink of={one} /> },
          { key: "state", head: t.state, cell: (one) => <WindowState of={one} /> },
          runColumn(),
          {
            key: "why",
            head: t.why,
            cell: (one) => (
              <span class="wraps">
                <StateReason of={one} />
              </span>
            ),
          },
          ...windowColumns(),
        ]}
        empty={<EmptyState title={t.noneEnded} />}
      />
    </section>
  );
}
