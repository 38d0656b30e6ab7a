// A table with low rows. While it scrolls, its head stays at the top and its first column at the left. Arrow keys
// move between the links of the rows.
import type { ComponentChildren } from "preact";

export interface Column<Row> {
  /** A name that no other column of the table has. */
  key: string;
  head: string;
  cell: (row: Row) => ComponentChildren;
  /** True: the values are numbers and are aligned at the right. */
  isNumber?: boolean;
  /** True: the column is shown only in a very wide browser window. For values that the details of a row show too. */
  isExtra?: boolean;
}

/** A table with more rows scrolls within itself, so that its head stays visible. */
const FREE_ROWS = 50;

export function Table<Row>(props: {
  /** Tells screen readers what the table contains. */
  label: string;
  columns: readonly Column<Row>[];
  rows: readonly Row[];
  rowKey: (row: Row) => string | number;
  /** HTML attributes of a row, such as for dragging it. */
  rowProps?: (row: Row) => Record<string, unknown>;
  /** True: the table is only as wide as its content. For tables with few short columns. */
  isNarrow?: boolean;
}) {
  const { columns, rows } = props;
  const look = [
    "table-scroll",
    ...(props.isNarrow ? ["narrow-table"] : []),
    ...(rows.length > FREE_ROWS ? ["long-table"] : []),
  ];
  return (
    // A person must be able to scroll the table by keyboard. The arrow keys only move between links, which also
    // work without these keys.
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex, jsx-a11y/no-noninteractive-element-interactions
    <section class={look.join(" ")} aria-label={props.label} tabIndex={0} onKeyDown={moveFocus}>
      <table>
        <thead>
          <tr>
            {columns.map((column) => (
              <th key={column.key} scope="col" class={lookOf(column)}>
                {column.head}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={props.rowKey(row)} {...props.rowProps?.(row)}>
              {columns.map((column, index) =>
                index === 0 ? (
                  <th key={column.key} scope="row">
                    {column.cell(row)}
                  </th>
                ) : (
                  <td key={column.key} class={lookOf(column)}>
                    {column.cell(row)}
                  </td>
                ),
              )}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

function lookOf<Row>({ isNumber, isExtra }: Column<Row>): string | undefined {
  return [...(isNumber ? ["number"] : []), ...(isExtra ? ["extra"] : [])].join(" ") || undefined;
}

/** The up and down keys move the focus to the first link or button of the previous or next row. */
function moveFocus(event: KeyboardEvent): void {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  const { currentTarget: region, target } = event;
  if (step === undefined || !(region instanceof HTMLElement) || !(target instanceof Element)) return;
  const row = target.closest("tbody tr");
  // Outside of a row, the arrow keys scroll.
  if (row === null) return;
  const rows = [...region.querySelectorAll("tbody tr")];
  const next = rows[rows.indexOf(row) + step]?.querySelector<HTMLElement>("a, button");
  if (!next) return;
  event.preventDefault();
  next.focus();
}
