// The windows whose run is working, and the windows that need a person.
import { Loaded } from "../../parts/loaded.tsx";
import { Table } from "../../parts/table.tsx";
import { texts } from "../../text/texts.ts";
import { openFeed } from "./queue-feed.ts";
import { CancelWindow, runColumn, StateReason, windowColumns, WindowLink, WindowState } from "./window-cells.tsx"; // prettier-ignore

export function OpenWindows() {
  const t = texts.value.queue;
  return (
    <section aria-labelledby="open-windows">
      <h2 id="open-windows">{t.open}</h2>
      <Loaded feed={openFeed()}>
        {({ items }) =>
          items.length === 0 ? (
            <p class="quiet">{t.noneOpen}</p>
          ) : (
            <Table
              label={t.open}
              rows={items}
              rowKey={({ id }) => id}
              columns={[
                { key: "window", head: t.window, cell: (one) => <WindowLink of={one} /> },
                { key: "state", head: t.state, cell: (one) => <WindowState of={one} /> },
                {
                  key: "verbs",
                  head: t.cancel,
                  cell: (one) => (
                    <span class="row-verbs">
                      <CancelWindow of={one} />
                    </span>
                  ),
                },
                runColumn(),
                {
                  key: "next",
                  head: t.next,
                  cell: (one) => (
                    <span class="wraps">
                      <StateReason of={one} />
                    </span>
                  ),
                },
                ...windowColumns(),
              ]}
            />
          )
        }
      </Loaded>
    </section>
  );
}
