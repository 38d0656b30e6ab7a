// A row of coverage cells. Each state has its own pattern. The line below describes the cells with words.
import { zone } from "../state/settings.ts";
import { cellCounts, cellRuns, CELL_MS_OF_PAGE } from "../state/coverage-range.ts";
import { POSSIBLE } from "../state/possible-holes.ts";
import { cellWord } from "../text/codes.ts";
import { count } from "../text/numbers.ts";
import { texts } from "../text/texts.ts";
import { timeText, wallClock } from "../text/time.ts";

const TICK_HOURS = 6;
/** The share of the strip beyond which the text of an hour is placed to the left of its mark. To the right, the
 * edge of the strip would cut the text off. */
const LAST_SHARE = 0.8;
const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;

/** The CSS class for a cell's state. Letters such as "?" are not allowed in class names, so they get names. */
export function cellClass(letter: string): string {
  return `cell cell-${{ "?": "unknown", ".": "unseen" }[letter] ?? letter}`;
}

/** The word for a cell's state. For a cell that may become a hole, also when it is judged. */
export function cellText(letter: string, judgedAt: string | null): string {
  if (letter !== POSSIBLE || judgedAt === null) return cellWord(letter);
  return texts.value.coverage.judgedFrom(cellWord(letter), judgedTime(judgedAt));
}

/** The minute in which the cell is judged, in the shown zone, rounded up. */
function judgedTime(at: string): string {
  const minute = Math.ceil(Date.parse(at) / MINUTE_MS) * MINUTE_MS;
  return `${timeText(minute, zone.value).slice(0, 5)} ${texts.value.units[zone.value]}`;
}

/** `judgedAt`: when the first cell that may become a hole is judged. */
export function CellStrip(props: { states: string; start: string; judgedAt: string | null }) {
  const { states, start, judgedAt } = props;
  const t = texts.value.home;
  const total = states.length;
  const counts = cellCounts(states);
  return (
    <figure class="strip-figure" aria-label={t.coverage}>
      <div class="strip" aria-hidden="true">
        {cellRuns(states).map(({ letter, from, cells }) => (
          <i
            key={from}
            class={cellClass(letter)}
            style={{ flexGrow: cells }}
            title={cellText(letter, judgedAt)}
          />
        ))}
      </div>
      <div class="strip-hours" aria-hidden="true">
        {ticks(Date.parse(start), total).map(({ at, share }) => (
          <span
            key={at}
            class={share > LAST_SHARE ? "before-mark" : undefined}
            style={share > LAST_SHARE ? { right: `${(1 - share) * 100}%` } : { left: `${share * 100}%` }}
          >
            {wallClock(at, zone.value)?.time.slice(0, 5)}
          </span>
        ))}
      </div>
      <figcaption class="cell-legend">
        {counts.map(([letter, cells]) => (
          <span key={letter}>
            <i class={cellClass(letter)} aria-hidden="true" />{" "}
            {t.cells(count(cells), cellText(letter, judgedAt))}
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
