// The grid of the map. For a window of a day or less, each row is an hour, and each cell is a link. For a longer
// window, each row is a day, and each hour is a link. Arrow keys move between the links. The line below the grid
// describes the chosen link.
import { useSignal } from "@preact/signals";
import { useRef } from "preact/hooks";
import type { RunMapAnswer } from "../../../contract/api/api-types.ts";
import { zone } from "../../state/settings.ts";
import { count } from "../../text/numbers.ts";
import { listed, named } from "../../text/punctuation.ts";
import { texts } from "../../text/texts.ts";
import { timeText, wallClock } from "../../text/time.ts";
import { zonedWindow } from "../../text/windows.ts";
import { filesHref, layoutOf, letterCounts, stateOf, type MapLink, type MapRow } from "./map-cells.ts";
import { mapWord } from "./map-words.ts";

export function MapGrid({ run, map }: { run: string; map: RunMapAnswer }) {
  const t = texts.value.runMap;
  const { isByHour, rows } = layoutOf(map, zone.value);
  const shown = useSignal<string | null>(null);
  const table = useRef<HTMLTableElement>(null);
  const show = (event: Event) => {
    const link = event.target instanceof Element ? event.target.closest("a") : null;
    if (link) shown.value = link.getAttribute("aria-label");
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const perRow = rows[0]?.links.length ?? 1;
    const step = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: perRow, ArrowUp: -perRow }[event.key];
    const cells = [...(table.current?.querySelectorAll("td") ?? [])];
    const here = cells.findIndex((cell) => cell.contains(document.activeElement));
    if (step === undefined || here < 0) return;
    event.preventDefault();
    // Skips cells outside of the window, because they have no link.
    for (let to = here + step; to >= 0 && to < cells.length; to += step) {
      const link = cells[to]?.querySelector("a");
      if (link) return link.focus();
    }
  };
  const marks = rows[0]?.links ?? [];
  return (
    <>
      <div class="table-scroll map-scroll">
        {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-element-interactions -- moves between links that work without it */}
        <table
          ref={table}
          class={isByHour ? "map-grid" : "map-grid by-day"}
          aria-label={t.grid}
          onMouseMove={show}
          onFocusCapture={show}
          onKeyDown={onKeyDown}
        >
          <thead>
            <tr>
              <th scope="col">{texts.value.units[zone.value]}</th>
              {marks.map(({ startMs }) => (
                <th key={startMs} scope="col">
                  {isByHour
                    ? `:${timeText(startMs, zone.value).slice(3, 5)}`
                    : timeText(startMs, zone.value).slice(0, 2)}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.map((row) => (
              <Row key={row.startMs} run={run} row={row} isByHour={isByHour} />
            ))}
          </tbody>
        </table>
      </div>
      <p class="map-readout">{shown.value ?? <span class="quiet">{t.readout}</span>}</p>
    </>
  );
}

function Row({ run, row, isByHour }: { run: string; row: MapRow; isByHour: boolean }) {
  const clock = wallClock(row.startMs, zone.value);
  return (
    <tr>
      <th scope="row">{isByHour ? `${clock?.date} ${clock?.time.slice(0, 5)}` : clock?.date}</th>
      {row.links.map((link) => (
        <td key={link.startMs}>
          {link.letters.trim() !== "" && <Cells run={run} link={link} isByHour={isByHour} />}
        </td>
      ))}
    </tr>
  );
}

function Cells({ run, link, isByHour }: { run: string; link: MapLink; isByHour: boolean }) {
  const href = filesHref(run, link.startMs, link.endMs);
  if (isByHour) {
    return (
      <a class={`cell map-${link.letters}`} href={href} aria-label={labelOf(link)}>
        {link.files > 0 && <span aria-hidden="true">{count(link.files)}</span>}
      </a>
    );
  }
  return (
    <a class="map-hour" href={href} aria-label={labelOf(link)}>
      {Array.from(link.letters).map((letter, cell) => (
        // oxlint-disable-next-line react/no-array-index-key -- the cells of an hour never change their order
        <i key={cell} class={`cell map-${letter === " " ? "outside" : letter}`} />
      ))}
    </a>
  );
}

function labelOf({ startMs, endMs, letters, files }: MapLink): string {
  const t = texts.value.runMap;
  const when = zonedWindow(new Date(startMs).toISOString(), new Date(endMs).toISOString());
  const words = letterCounts(letters).map(([letter, cells]) =>
    letters.length === 1 ? mapWord(stateOf(letter)) : `${mapWord(stateOf(letter))} ${t.cells(count(cells))}`,
  );
  return named(when, listed([texts.value.units.files(count(files)), ...words]));
}
