// One line about the cell under the pointer, else about the cell under the cursor: time, state and figures.
import type { ReadonlySignal } from "@preact/signals";
import type { CoverageAnswer } from "../../../contract/api/api-types.ts";
import { cellClass, cellText } from "../../parts/cell-strip.tsx";
import { Instant, Window } from "../../parts/instant.tsx";
import { CELL_MS_OF_PAGE as CELL_MS, isoInstant } from "../../state/coverage-range.ts";
import { judgedFrom, shownStates } from "../../state/possible-holes.ts";
import { withReplays } from "../../state/replays.ts";
import { bytes, count } from "../../text/numbers.ts";
import { texts } from "../../text/texts.ts";
import type { Range } from "./day-rows.ts";
import type { Selection } from "./selection.ts";

export function CellReadout(props: {
  view: CoverageAnswer;
  range: Range;
  selection: Selection | null;
  hovered: ReadonlySignal<number | null>;
}) {
  const t = texts.value.coverage;
  const { view, range } = props;
  const cell = props.hovered.value ?? props.selection?.cursor ?? null;
  const index = cell === null ? -1 : (cell - range.startMs) / CELL_MS;
  const letter = withReplays(shownStates(view), view)[index];
  const figures = view.columns;
  return (
    // Screen readers announce the cell only when keys move the cursor. A pointer crosses too many cells.
    <p class="cell-readout" aria-live={props.hovered.value === null ? "polite" : "off"}>
      {cell === null || letter === undefined ? (
        <span class="quiet">{t.readoutEmpty}</span>
      ) : (
        <>
          <Window start={isoInstant(cell)} end={isoInstant(cell + CELL_MS)} />{" "}
          <strong class="nowrap">
            <i class={cellClass(letter)} aria-hidden="true" />{" "}
            {cellText(letter, judgedFrom(view, { startMs: cell, endMs: cell + CELL_MS }))}
          </strong>{" "}
          {figures && (
            <span class="quiet">
              {t.figures(
                count(figures.raw_files[index]),
                bytes(figures.raw_bytes[index]),
                count(figures.live_files[index]),
              )}
              {typeof figures.done_batches[index] === "number" &&
                ` · ${t.batches(count(figures.done_batches[index]), count(figures.waiting_batches[index]))}`}
              {figures.last_done_at[index] && (
                <>
                  {" "}
                  · {t.lastDone} <Instant at={figures.last_done_at[index]} />
                </>
              )}
            </span>
          )}
        </>
      )}
    </p>
  );
}
