// A row of coverage cells. Each state has its own pattern. The line below describes the cells with words.
import { zone } from "../state/settings.ts";
import { cellCounts, cellRuns, CELL_MS_OF_PAGE } from "../state/coverage-range.ts";
import { cellWord } from "../text/codes.ts";
import { count } from "../text/numbers.ts";
import { texts } from "../text/texts.ts";
import { wallClock } from "../text/time.ts";

const TICK_HOURS = 6;
/** After this share of the strip, an hour stands before its mark. The edge would cut it off. */
const LAST_SHARE = 0.88;
const HOUR_MS = 3_600_000;

/** The CSS class for a cell's state. Letters such as "?" are not allowed in class names, so they get names. */
export function cellClass(letter: string): string {
  return `cell cell-${{ "?": "unknown", ".": "unseen" }[letter] ?? letter}`;
}

export function CellStrip({ states, start }: { states: string; start: string }) {
  const t = texts.value.home;
  const total = states.length;
  const counts = cellCounts(states);
  return (
    <figure class="strip-figure" aria-label={t.coverage}>
      <div class="strip" aria-hidden="true">
        {cellRuns(states).map(({ letter, from, cells }) => (
          <i key={from} class={cellClass(letter)} style={{ flexGrow: cells }} title={cellWord(letter)} />
        ))}
      </div>
      <div class="strip-hours" aria-hidden="true">
        {ticks(Date.parse(start), total).map(({ at, share }) => (
          <span
            key={at}
            class={share > LAST_SHARE ? "before-mark" : undefined}
            style={{ left: `${share * 100}%` }}
          >
            {wallClock(at, zone.value)?.time.slice(0, 5)}
          </span>
        ))}
      </div>
      <figcaption class="cell-legend">
        {counts.map(([letter, cells]) => (
          <span key={letter}>
            <i class={cellClass(letter)} aria-hidden="true" /> {t.cells(count(cells), cellWord(letter))}
          </span>
        ))}
        <span class="zone">{texts.value.units[zone.value]}</span>
      </figcaption>
    </figure>
  );
}

/** The full hours on the strip. They are the same in both zones, because their offset is whole hours. */
function ticks(startMs: number, cells: number): { at: number; share: number }[] {
  const endMs = startMs + cells * CELL_MS_OF_PAGE;
  const found: { at: number; share: number }[] = [];
  for (let at = Math.ceil(startMs / HOUR_MS) * HOUR_MS; at < endMs; at += HOUR_MS) {
    const hour = Number(wallClock(at, zone.value)?.time.slice(0, 2));
    if (hour % TICK_HOURS === 0) found.push({ at, share: (at - startMs) / (endMs - startMs) });
  }
  return found;
}
