// A table whose rows are read page by page.
import type { ComponentChildren } from "preact";
import type { List } from "../state/pages.ts";
import { count } from "../text/numbers.ts";
import { texts } from "../text/texts.ts";
import { Greyed } from "./loaded.tsx";
import { Loading } from "./loading.tsx";
import { Refusal } from "./notice.tsx";
import { Table, type Column } from "./table.tsx";

export function PagedTable<Row>(props: {
  label: string;
  list: List<Row>;
  columns: readonly Column<Row>[];
  rowKey: (row: Row) => string | number;
  rowProps?: (row: Row) => Record<string, unknown>;
  /** Shown when the whole list was read and has no row. */
  empty: ComponentChildren;
}) {
  const { list } = props;
  const t = texts.value.parts;
  const rows = list.rows();
  const isAll = !list.hasMore() && !list.hasEarlier();
  // `disabled` would take the focus from the button. So while the list is loading, the buttons stay enabled and do
  // nothing.
  const isWaiting = list.isLoading.value || list.isSearching.value;
  return (
    <>
      <Refusal problem={list.problem.value} />
      {rows === null && list.problem.value === null && (
        <Loading {...(list.isSearching.value && { text: t.searching })} />
      )}
      {rows?.length === 0 && isAll && props.empty}
      {rows !== null && (rows.length > 0 || !isAll) && (
        <Greyed>
          {list.hasEarlier() && (
            <p class="paging">
              <button
                type="button"
                aria-disabled={isWaiting}
                onClick={() => void (isWaiting || list.earlier())}
              >
                {t.earlier}
              </button>
            </p>
          )}
          <Table
            label={props.label}
            columns={props.columns}
            rows={rows}
            rowKey={props.rowKey}
            {...(props.rowProps && { rowProps: props.rowProps })}
          />
          <div class="paging quiet">
            {list.hasMore() && (
              <button type="button" aria-disabled={isWaiting} onClick={() => void (isWaiting || list.more())}>
                {t.more}
              </button>
            )}{" "}
            {isWaiting ? t.searching : isAll ? t.allShown(count(rows.length)) : t.shown(count(rows.length))}
          </div>
        </Greyed>
      )}
    </>
  );
}
