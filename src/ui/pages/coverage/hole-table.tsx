// The holes of the shown range as a table, for keyboards and screen readers.
import type { CoverageAnswer, CoverageHole } from "../../../contract/api/api-types.ts";
import { Window } from "../../parts/instant.tsx";
import { EmptyState } from "../../parts/notice.tsx";
import { PossibleHoles } from "../../parts/possible-holes.tsx";
import { RunLinks } from "./replay-table.tsx";
import { Table } from "../../parts/table.tsx";
import { cellCounts } from "../../state/coverage-range.ts";
import { newRunOfHole } from "../../state/new-run-link.ts";
import { replayedBy } from "../../state/replays.ts";
import { zone } from "../../state/settings.ts";
import { cellWord } from "../../text/codes.ts";
import { bytes, count } from "../../text/numbers.ts";
import { listed, named } from "../../text/punctuation.ts";
import { texts } from "../../text/texts.ts";
import { countOfHoles } from "../../text/holes.ts";
import { windowText } from "../../text/time.ts";
import type { Range } from "./day-rows.ts";
import { statesIn } from "./selection.ts";

export function HoleTable({ view, onShow }: { view: CoverageAnswer; onShow: (hole: Range) => void }) {
  const t = texts.value.coverage;
  const range = rangeOf(view);
  const possible = view.possible_holes;
  const replayed = view.holes.filter(({ outer }) => replayedBy(view.runs, outer).length > 0).length;
  return (
    <section aria-labelledby="holes">
      <h2 id="holes">{countOfHoles(t.holes, view.holes.length, replayed)}</h2>
      <PossibleHoles of={possible} onShow={(hole) => onShow(rangeOf(hole))} />
      {view.holes.length === 0 ? (
        possible.length === 0 && <EmptyState title={view.complete ? t.noHole : t.noHoleYet} />
      ) : (
        <>
          <p>{t.recommendation}</p>
          <Table
            label={t.holeTable}
            rows={view.holes}
            rowKey={({ start }) => start}
            columns={[
              { key: "outer", head: t.outer, cell: (hole) => <WindowLink of={hole} name="outer" /> },
              { key: "plan", head: t.nextStep, cell: (hole) => <NextStep hole={hole} runs={view.runs} /> },
              { key: "inner", head: t.inner, cell: (hole) => <WindowLink of={hole} name="inner" /> },
              { key: "replays", head: t.replays, cell: ({ replays }) => <RunLinks ids={replays} /> },
              {
                key: "kind",
                head: t.kind,
                cell: (hole) => (
                  <>
                    <button type="button" class="small" title={t.show} onClick={() => onShow(rangeOf(hole))}>
                      <Window start={hole.start} end={hole.end} isEndOutside />
                    </button>{" "}
                    <span class="wraps">{wordsOf(statesIn(view.states, range, rangeOf(hole)))}</span>
                  </>
                ),
              },
              { key: "files", head: t.openFiles, isNumber: true, cell: ({ files }) => count(files) },
              { key: "bytes", head: t.bytes, isNumber: true, cell: (hole) => bytes(hole.bytes) },
            ]}
          />
        </>
      )}
    </section>
  );
}

/** A window of the hole. The link fills the form of a new run with this window. */
function WindowLink({ of: hole, name }: { of: CoverageHole; name: "outer" | "inner" }) {
  const { start, end } = hole[name];
  return (
    <a class="wraps" href={newRunOfHole(hole, name)}>
      <Window start={start} end={end} isEndOutside />
    </a>
  );
}

/** A hole that was replayed needs no further step. The table then shows the runs. */
function NextStep(props: { hole: CoverageHole; runs: CoverageAnswer["runs"] }) {
  const t = texts.value.coverage;
  const { outer, inner } = props.hole;
  const done = replayedBy(props.runs, outer);
  if (done.length > 0)
    return (
      <>
        <strong>{t.replayed}</strong> <RunLinks ids={done} />
      </>
    );
  return (
    <a
      href={newRunOfHole({ inner, outer })}
      aria-label={named(t.plan, windowText(outer.start, outer.end, zone.value))}
    >
      {t.plan}
    </a>
  );
}

function rangeOf({ start, end }: { start: string; end: string }): Range {
  return { startMs: Date.parse(start), endMs: Date.parse(end) };
}

/** The states of the hole's cells, the most frequent first. A line breaks only between two states. */
function wordsOf(states: string): string {
  return listed(
    cellCounts(states).map(([letter, cells]) =>
      texts.value.home.cells(count(cells), cellWord(letter)).replaceAll(" ", "\u00A0"),
    ),
  );
}
