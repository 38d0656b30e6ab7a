// /ui/runs/:id/map shows the states of a run's files by the time of the window. The worst file of a cell decides the
// look of the cell.
import type { RunMapAnswer, RunStatusAnswer } from "../../../contract/api/api-types.ts";
import type { MapState } from "../../../contract/run-map.ts";
import { paths } from "../../api/paths.ts";
import { Loaded } from "../../parts/loaded.tsx";
import { EmptyState } from "../../parts/notice.tsx";
import { Badge } from "../../parts/stage-badge.tsx";
import { Table } from "../../parts/table.tsx";
import { useFeed } from "../../state/feed.ts";
import type { PageProps } from "../../state/routes.ts";
import { mapTone } from "../../state/row-states.ts";
import { isWorking } from "../../state/run-stage.ts";
import { count } from "../../text/numbers.ts";
import { texts } from "../../text/texts.ts";
import { zonedWindow } from "../../text/windows.ts";
import { RunFrame } from "../run/run-frame.tsx";
import { mapWord } from "./map-words.ts";
import { MapGrid } from "./map-grid.tsx";
import { filesHref, letterCounts, spansForPerson, stateOf, type Span } from "./map-cells.ts";

/** How often the page requests the map, in ms. More frequent requests would rarely show a change. */
const MAP_MS = 5_000;
/** How many spans that need a person are listed. More of them are found on the pages of files and batches. */
const SPANS_SHOWN = 50;

export function RunMapPage({ params }: PageProps) {
  return <RunFrame id={params["id"] ?? ""}>{(run) => <RunMap run={run} />}</RunFrame>;
}

function RunMap({ run }: { run: RunStatusAnswer }) {
  const t = texts.value.runMap;
  const works = isWorking(run.stage_code);
  const feed = useFeed(paths.map(run.id), { works: () => works, slowestMs: MAP_MS });
  return (
    <Loaded feed={feed}>
      {(map) =>
        /^e*$/.test(map.states) && Object.keys(map.outside).length === 0 ? (
          <EmptyState title={t.noFile} />
        ) : (
          <>
            <p class="quiet">{t.hint}</p>
            <MapGrid run={run.id} map={map} />
            <Legend map={map} />
            <Outside map={map} />
            <ForPerson run={run.id} map={map} />
          </>
        )
      }
    </Loaded>
  );
}

function Legend({ map }: { map: RunMapAnswer }) {
  return (
    <p class="cell-legend">
      {letterCounts(map.states).map(([letter, cells]) => (
        <span key={letter} class="nowrap">
          <i class={`cell map-${letter}`} aria-hidden="true" /> {mapWord(stateOf(letter))}{" "}
          <span class="quiet">{texts.value.runMap.cells(count(cells))}</span>
        </span>
      ))}
    </p>
  );
}

/** Counts the files outside of the window: files before it, files of the margin after it, and late files. */
function Outside({ map: { outside } }: { map: RunMapAnswer }) {
  const t = texts.value.runMap;
  const states = Object.entries(outside) as [MapState, number][];
  if (states.length === 0) return null;
  return (
    <p>
      {t.outside}{" "}
      {states.map(([state, files]) => (
        <span key={state} class="listed">
          <Badge tone={mapTone(state)}>{mapWord(state)}</Badge> {count(files)}
        </span>
      ))}
    </p>
  );
}

function ForPerson({ run, map }: { run: string; map: RunMapAnswer }) {
  const t = texts.value.runMap;
  const spans = spansForPerson(map);
  return (
    <section aria-labelledby="map-person">
      <h2 id="map-person">{t.forPerson}</h2>
      {spans.length === 0 ? (
        <p class="calm">{t.nothing}</p>
      ) : (
        <>
          <Table
            isNarrow
            label={t.forPerson}
            columns={[
              { key: "when", head: t.when, cell: (span: Span) => <SpanLink run={run} span={span} /> },
              {
                key: "worst",
                head: t.worst,
                cell: ({ state }: Span) => <Badge tone={mapTone(state)}>{mapWord(state)}</Badge>,
              },
              { key: "files", head: t.files, isNumber: true, cell: ({ worst }: Span) => count(worst) },
            ]}
            rows={spans.slice(0, SPANS_SHOWN)}
            rowKey={({ startMs }) => startMs}
          />
          {spans.length > SPANS_SHOWN && (
            <p class="quiet">{t.firstSpans(count(SPANS_SHOWN), count(spans.length))}</p>
          )}
        </>
      )}
    </section>
  );
}

function SpanLink({ run, span }: { run: string; span: Span }) {
  const [start, end] = [new Date(span.startMs).toISOString(), new Date(span.endMs).toISOString()];
  return <a href={filesHref(run, span.startMs, span.endMs)}>{zonedWindow(start, end)}</a>;
}
