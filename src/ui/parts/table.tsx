// A dense table. The head stays at the top, and the first column at the left while the rest scrolls. Arrow keys move
// between the links of the rows.
import type { ComponentChildren } from "preact";

export interface Column<Row> {
  /** Unique in the table. */
  key: string;
  head: string;
  cell: (row: Row) => ComponentChildren;
  /** Numbers stand at the right. */
  isNumber?: boolean;
}

/** A longer table scrolls in itself, so that its head stays in view. */
const FREE_ROWS = 50;

export function Table<Row>(props: {
  /** Says what the table holds, for screen readers. */
  label: string;
  columns: readonly Column<Row>[];
  rows: readonly Row[];
  rowKey: (row: Row) => string | number;
  /** Attributes of a row, such as for dragging it. */
  rowProps?: (row: Row) => Record<string, unknown>;
  /** The table is as wide as its content, for few short columns. */
  isNarrow?: boolean;
}) {
  const { columns, rows } = props;
  const look = [
    "table-scroll",
    ...(props.isNarrow ? ["narrow-table"] : []),
    ...(rows.length > FREE_ROWS ? ["long-table"] : []),
  ];
  return (
    // A person must be able to scroll it by keyboard. Its keys only move between links that work without them.
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex, jsx-a11y/no-noninteractive-element-interactions
    <section class={look.join(" ")} aria-label={props.label} tabIndex={0} onKeyDown={moveFocus}>
      <table>
        <thead>
          <tr>
            {columns.map(({ key, head, isNumber }) => (
              <th key={key} scope="col" class={isNumber ? "number" : undefined}>
                {head}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={props.rowKey(row)} {...props.rowProps?.(row)}>
              {columns.map(({ key, cell, isNumber }, index) =>
                index === 0 ? (
                  <th key={key} scope="row">
                    {cell(row)}
                  </th>
                ) : (
                  <td key={key} class={isNumber ? "number" : undefined}>
                    {cell(row)}
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

/** Down and up move to the first link or button of the next and previous row. */
function moveFocus(event: KeyboardEvent): void {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  const { currentTarget: region, target } = event;
  if (step === undefined || !(region instanceof HTMLElement) || !(target instanceof Element)) return;
  const row = target.closest("tbody tr");
  // Elsewhere the arrows scroll.
  if (row === null) return;
  const rows = [...region.querySelectorAll("tbody tr")];
  const next = rows[rows.indexOf(row) + step]?.querySelector<HTMLElement>("a, button");
  if (!next) return;
  event.preventDefault();
  next.focus();
}
