// /ui/coverage shows which windows are missing: a row for each day, the holes as a table, and what the watch for
// holes found.
import { useEffect, useState } from "preact/hooks";
import { paths } from "../../api/paths.ts";
import { Loaded } from "../../parts/loaded.tsx";
import { Page } from "../../parts/page.tsx";
import { useFeed } from "../../state/feed.ts";
import { place, setQuery } from "../../state/location.ts";
import { now } from "../../state/poller.ts";
import { judgedFrom, shownStates } from "../../state/possible-holes.ts";
import { withReplays } from "../../state/replays.ts";
import { zone } from "../../state/settings.ts";
import { texts } from "../../text/texts.ts";
import { AutoReplay } from "./auto-replay.tsx";
import { CoverageControls } from "./coverage-controls.tsx";
import { CoverageGrid } from "./coverage-grid.tsx";
import { CoverageLegend } from "./coverage-legend.tsx";
import { CoverageProgress } from "./coverage-progress.tsx";
import { HoleTable } from "./hole-table.tsx";
import { ReplayTable } from "./replay-table.tsx";
import { SelectedCells } from "./selected-cells.tsx";
import { rangeQuery, readRange, type Range } from "./day-rows.ts";
import { selectionOf, spanOf, type Selection } from "./selection.ts";

export function CoveragePage() {
  const t = texts.value.coverage;
  const query = new URLSearchParams(place.value.query);
  // The range ends with the current cell. So the path stays the same for five minutes, and its feed is used again.
  const range = readRange(query, now.value, zone.value);
  const detail = query.get("detail") === "exact" ? "exact" : "presence";
  const path = paths.coverage({ ...rangeQuery(range), detail, columns: "true" });
  const feed = useFeed(path, { works: ({ complete }) => !complete });
  const [selection, setSelection] = useState(() => readSelection(query, range));
  // Drops a selection outside of the new range, because the person would not see the selection.
  useEffect(() => setSelection((kept) => (kept && isInside(kept, range) ? kept : null)), [range.startMs]);
  const choose = (chosen: Selection | null, isSettled: boolean) => {
    setSelection(chosen);
    if (isSettled) keepSelection(chosen);
  };
  return (
    <Page title={t.title} aside={<span class="quiet">{t.aside}</span>}>
      <CoverageControls range={range} detail={detail} onRefreshed={() => void feed?.refresh()} />
      <Loaded feed={feed}>
        {(view) => (
          <>
            <CoverageProgress view={view} />
            <CoverageGrid view={view} selection={selection} onSelect={choose} />
            <CoverageLegend states={withReplays(shownStates(view), view)} judgedAt={judgedFrom(view)} />
            {selection && (
              <SelectedCells view={view} selection={selection} onClear={() => choose(null, true)} />
            )}
            <HoleTable view={view} onShow={(hole) => choose(selectionOf(hole), true)} />
            <ReplayTable runs={view.runs} />
            <details>
              <summary>{t.limits}</summary>
              <ul lang="en">
                {view.limits.map((limit) => (
                  <li key={limit}>{limit}</li>
                ))}
              </ul>
            </details>
          </>
        )}
      </Loaded>
      <AutoReplay />
    </Page>
  );
}

function isInside(selection: Selection, { startMs, endMs }: Range): boolean {
  const span = spanOf(selection);
  return span.startMs >= startMs && span.endMs <= endMs;
}

function readSelection(query: URLSearchParams, range: Range): Selection | null {
  const [startMs, endMs] = ["from", "to"].map((name) => Date.parse(query.get(name) ?? ""));
  if (startMs === undefined || endMs === undefined || !(startMs < endMs)) return null;
  const selection = selectionOf({ startMs, endMs });
  return isInside(selection, range) ? selection : null;
}

/** Writes the selection to the address, so that the browser's Back button restores it. */
function keepSelection(selection: Selection | null): void {
  const kept = selection && rangeQuery(spanOf(selection));
  setQuery({ from: kept?.start ?? null, to: kept?.end ?? null });
}
