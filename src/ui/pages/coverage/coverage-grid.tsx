// A grid with a row for each day. Each hour has twelve cells. A mouse selects by dragging, a finger by a tap, and
// keys move and extend the selection. The table of holes below offers the same to people who do not see the grid.
// oxlint-disable jsx-a11y/prefer-tag-over-role -- the layout of a <table> has no place for the overlays and replay lines
import { useSignal } from "@preact/signals";
import { useId, useLayoutEffect, useRef, useState } from "preact/hooks";
import type { CoverageAnswer } from "../../../contract/api/api-types.ts";
import { cellClass } from "../../parts/cell-strip.tsx";
import { CELL_MS_OF_PAGE as CELL_MS, cellCounts, cellRuns } from "../../state/coverage-range.ts";
import { shownStates } from "../../state/possible-holes.ts";
import { stripesOf, withReplays } from "../../state/replays.ts";
import { zone } from "../../state/settings.ts";
import { cellWord } from "../../text/codes.ts";
import { listed } from "../../text/punctuation.ts";
import { texts } from "../../text/texts.ts";
import { timeText, wallClock } from "../../text/time.ts";
import { CellReadout } from "./cell-readout.tsx";
import { CELLS_PER_DAY, CELLS_PER_HOUR, DAY_MS, dayRows, HOUR_MS, midnight, type DayRow, type Range } from "./day-rows.ts"; // prettier-ignore
import { moved, spanOf, stepOf, type Selection } from "./selection.ts";

/** Which cell of a range the next tap chooses. "off": a tap selects one cell. */
type Tap = "off" | "first" | "last";

/** Space that stays free to the right of the cell to which the grid scrolls. */
const SPARE_PX = 8;

const HOURS = Array.from({ length: 24 }, (_, hour) => hour);

export function CoverageGrid(props: {
  view: CoverageAnswer;
  selection: Selection | null;
  onSelect: (selection: Selection | null, isSettled: boolean) => void;
}) {
  const t = texts.value.coverage;
  const { view, selection, onSelect } = props;
  const range = { startMs: Date.parse(view.start), endMs: Date.parse(view.end) };
  const hovered = useSignal<number | null>(null);
  const grid = useRef<HTMLDivElement>(null);
  const scroll = useRef<HTMLDivElement>(null);
  // On a narrow screen, the grid begins at the selection, or else at the newest hours.
  useLayoutEffect(() => scrollTo(scroll.current, selection?.cursor ?? range.endMs - CELL_MS), [range.endMs]);
  const isDragging = useRef(false);
  const hintId = useId();
  const span = selection && spanOf(selection);
  // Two taps select a range, for a finger and for a person who cannot drag.
  const [tap, setTap] = useState<Tap>("off");
  const anchorFor = (cell: number, isExtended: boolean) =>
    (isExtended || tap === "last") && selection ? selection.anchor : cell;

  const onPointerDown = (event: PointerEvent) => {
    const cell = cellAt(event, range);
    // A finger scrolls the grid instead of selecting. Its tap also sends a click event, which selects.
    if (cell === null || event.button !== 0 || event.pointerType === "touch") return;
    event.preventDefault();
    grid.current?.focus({ preventScroll: true });
    grid.current?.setPointerCapture(event.pointerId);
    isDragging.current = true;
    onSelect({ anchor: anchorFor(cell, event.shiftKey), cursor: cell }, false);
  };
  const onPointerMove = (event: PointerEvent) => {
    const cell = cellAt(event, range);
    hovered.value = cell;
    if (isDragging.current && cell !== null && selection && cell !== selection.cursor)
      onSelect({ anchor: selection.anchor, cursor: cell }, false);
  };
  const onPointerUp = () => {
    if (!isDragging.current) return;
    isDragging.current = false;
    setTap(tap === "first" && selection?.anchor === selection?.cursor ? "last" : "off");
    onSelect(selection, true);
  };
  const onClick = (event: MouseEvent) => {
    if (!(event instanceof PointerEvent) || event.pointerType !== "touch") return;
    const cell = cellAt(event, range);
    if (cell === null) return;
    onSelect({ anchor: anchorFor(cell, false), cursor: cell }, true);
    setTap(tap === "first" ? "last" : "off");
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const present = selection ?? { anchor: range.startMs, cursor: range.startMs };
    const cells = stepOf(event.key, event.ctrlKey || event.metaKey);
    if (event.key === "Escape" && selection) onSelect(null, true);
    else if (event.key === "Enter" && selection) {
      onSelect(selection, true);
      // Waits until the panel of the selection has been drawn.
      setTimeout(() => document.querySelector<HTMLElement>(".selected-cells a")?.focus());
    } else if (cells !== null)
      onSelect(selection ? moved(present, cells, range, event.shiftKey) : present, false);
    else return;
    event.preventDefault();
  };
  return (
    <>
      <p class="quiet" id={hintId}>
        {t.gridHint}
      </p>
      <p class="together">
        <button
          type="button"
          aria-pressed={tap !== "off"}
          onClick={() => setTap(tap === "off" ? "first" : "off")}
        >
          {t.selectRange}
        </button>
        <output>{tap === "off" ? "" : t.taps[tap]}</output>
      </p>
      <p class="quiet scroll-hint">{t.scrolls}</p>
      <div class="cells-scroll" ref={scroll}>
        <div
          ref={grid}
          class="cells"
          role="grid"
          aria-label={t.grid}
          aria-describedby={hintId}
          aria-activedescendant={selection ? hourId(selection.cursor) : undefined}
          aria-multiselectable="true"
          tabIndex={0}
          onPointerDown={onPointerDown}
          onPointerMove={onPointerMove}
          onPointerUp={onPointerUp}
          onPointerCancel={onPointerUp}
          onPointerLeave={() => (hovered.value = null)}
          onClick={onClick}
          onKeyDown={onKeyDown}
        >
          <Scale />
          {dayRows(withReplays(shownStates(view), view), range, zone.value).map((row) => (
            <Row
              key={row.startMs}
              row={row}
              span={span}
              cursor={selection?.cursor ?? null}
              runs={stripesOf(view.runs)}
            />
          ))}
        </div>
      </div>
      <CellReadout view={view} range={range} selection={selection} hovered={hovered} />
    </>
  );
}

function Scale() {
  return (
    <div class="cells-row cells-scale" aria-hidden="true">
      <span class="cells-day zone">{texts.value.units[zone.value]}</span>
      <span class="cells-hours">
        {HOURS.map((hour) => (
          <span key={hour} class="cells-hour">
            {String(hour).padStart(2, "0")}
          </span>
        ))}
      </span>
    </div>
  );
}

interface RowProps {
  row: DayRow;
  span: Range | null;
  cursor: number | null;
  runs: CoverageAnswer["runs"];
}

function Row({ row, span, cursor, runs }: RowProps) {
  const { date } = wallClock(row.startMs, zone.value) ?? { date: "" };
  const selected = span && shareOf(span, row);
  return (
    <div class="cells-row" role="row" data-start={row.startMs}>
      <span class="cells-day nowrap" role="rowheader">
        {date}
      </span>
      <span class="cells-hours" role="presentation">
        {HOURS.map((hour) => (
          <Hour
            key={hour}
            startMs={row.startMs + hour * HOUR_MS}
            states={row.states.slice(hour * CELLS_PER_HOUR, (hour + 1) * CELLS_PER_HOUR)}
            span={span}
          />
        ))}
        {selected && <i class="cells-selected" aria-hidden="true" style={selected} />}
        {cursor !== null && cursor >= row.startMs && cursor < row.startMs + DAY_MS && (
          <i
            class="cells-cursor"
            aria-hidden="true"
            style={shareOf({ startMs: cursor, endMs: cursor + CELL_MS }, row) ?? {}}
          />
        )}
      </span>
      <span class="cells-replays" aria-hidden="true">
        {runs.map((run) => {
          const share = shareOf({ startMs: Date.parse(run.start), endMs: Date.parse(run.end) }, row);
          return (
            share && (
              <i key={run.id} class={run.delivery_completed ? "replay-done" : "replay"} style={share} />
            )
          );
        })}
      </span>
    </div>
  );
}

function Hour({ startMs, states, span }: { startMs: number; states: string; span: Range | null }) {
  const isSelected = span !== null && span.startMs < startMs + HOUR_MS && span.endMs > startMs;
  const words = listed(
    cellCounts(states.replaceAll(" ", "")).map(([letter, cells]) => `${cellWord(letter)} ${cells}`),
  );
  return (
    <span
      class="cells-hour"
      id={hourId(startMs)}
      role="gridcell"
      aria-selected={isSelected}
      aria-label={`${timeText(startMs, zone.value).slice(0, 5)} ${words}`}
    >
      {cellRuns(states).map(({ letter, from, cells }) => (
        <i
          key={from}
          aria-hidden="true"
          class={letter === " " ? "cell cell-outside" : cellClass(letter)}
          style={{ flexGrow: cells }}
        />
      ))}
    </span>
  );
}

/** Scrolls sideways until the cell is at the right edge. */
function scrollTo(scroll: HTMLElement | null, cell: number): void {
  const hours = scroll?.querySelector<HTMLElement>(".cells-hours");
  if (!scroll || !hours) return;
  const share = (cell + CELL_MS - midnight(cell, zone.value)) / DAY_MS;
  const left = hours.getBoundingClientRect().left - scroll.getBoundingClientRect().left + scroll.scrollLeft;
  scroll.scrollLeft = left + share * hours.offsetWidth + SPARE_PX - scroll.clientWidth;
}

function hourId(ms: number): string {
  return `hour-${Math.floor(ms / HOUR_MS)}`;
}

/** Where a span lies in a row, in percent of the row. Null: it does not touch the row. */
function shareOf({ startMs, endMs }: Range, row: DayRow): { left: string; width: string } | null {
  const from = Math.max(0, (startMs - row.startMs) / DAY_MS);
  const to = Math.min(1, (endMs - row.startMs) / DAY_MS);
  return to > from ? { left: `${from * 100}%`, width: `${(to - from) * 100}%` } : null;
}

/** The cell under the pointer, in the nearest row and inside the range. Null: the pointer is left of the cells. */
function cellAt(event: PointerEvent, range: Range): number | null {
  const { currentTarget: grid, clientX, clientY } = event;
  if (!(grid instanceof Element)) return null;
  const rows = [...grid.querySelectorAll("[data-start]")];
  const row = rows.find((one) => one.getBoundingClientRect().bottom > clientY) ?? rows.at(-1);
  const box = row?.querySelector(".cells-hours")?.getBoundingClientRect();
  const start = Number(row?.getAttribute("data-start"));
  if (!box || box.width === 0 || (clientX < box.left && event.type === "pointerdown")) return null;
  const cell = Math.floor(((clientX - box.left) / box.width) * CELLS_PER_DAY);
  const ms = start + Math.min(Math.max(cell, 0), CELLS_PER_DAY - 1) * CELL_MS;
  return Math.min(Math.max(ms, range.startMs), range.endMs - CELL_MS);
}
