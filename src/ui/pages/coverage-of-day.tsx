// Shows what the live worker delivered in the last 24 hours, as a strip of 288 cells.
import type { CoverageAnswer, CoverageHole } from "../../contract/api/api-types.ts";
import { CellStrip } from "../parts/cell-strip.tsx";
import { Window } from "../parts/instant.tsx";
import { Loaded } from "../parts/loaded.tsx";
import { PossibleHoles } from "../parts/possible-holes.tsx";
import { useCoverageOfDay } from "../state/coverage-feed.ts";
import { newRunOfHole } from "../state/new-run-link.ts";
import { judgedFrom, shownStates } from "../state/possible-holes.ts";
import { openReplays, replayedBy, withReplays } from "../state/replays.ts";
import { count } from "../text/numbers.ts";
import { named } from "../text/punctuation.ts";
import { texts } from "../text/texts.ts";
import { countOfHoles } from "../text/holes.ts";

export function CoverageOfDay() {
  const t = texts.value.home;
  const feed = useCoverageOfDay();
  return (
    <section aria-labelledby="coverage">
      <h2 id="coverage">
        <a href="/ui/coverage">{t.coverage}</a>
      </h2>
      <Loaded feed={feed}>
        {(view) => (
          <>
            <CellStrip
              states={withReplays(shownStates(view), view)}
              start={view.start}
              judgedAt={judgedFrom(view)}
            />
            <p class="quiet">
              {view.live.seen === false && view.live.note !== null ? (
                <span lang="en">{view.live.note} </span>
              ) : null}
              {!view.complete && t.coverageLooking}
            </p>
            <Holes view={view} />
            {view.live.seen === true && <p class="quiet">{t.presenceOnly}</p>}
          </>
        )}
      </Loaded>
    </section>
  );
}

function Holes({ view }: { view: CoverageAnswer }) {
  const t = texts.value.home;
  const { possible_holes: possible } = view;
  const replayed = view.holes.filter(({ outer }) => replayedBy(view.runs, outer).length > 0).length;
  if (view.holes.length + possible.length === 0) return view.complete ? <p class="calm">{t.noHole}</p> : null;
  return (
    <>
      {view.holes.length > 0 && (
        <>
          <p>{countOfHoles(t.holes, view.holes.length, replayed)}</p>
          <ul class="holes">
            {view.holes.map((hole) => (
              <li key={hole.start}>
                <Window start={hole.outer.start} end={hole.outer.end} isEndOutside /> ·{" "}
                {t.openFiles(count(hole.files))} · <Replay of={hole} runs={view.runs} />
              </li>
            ))}
          </ul>
        </>
      )}
      <PossibleHoles of={possible} />
    </>
  );
}

/** A hole stays a hole while a run replays it, because the live worker still did not deliver it. */
function Replay({ of: hole, runs }: { of: CoverageHole; runs: CoverageAnswer["runs"] }) {
  const t = texts.value.home;
  const { inner, outer } = hole;
  const done = replayedBy(runs, outer);
  const replays = openReplays(hole, runs);
  if (done.length === 0 && replays.length === 0)
    return <a href={newRunOfHole({ inner, outer })}>{t.replay}</a>;
  return (
    <>
      {done.length > 0 ? named(texts.value.coverage.replayed, "") : t.replayedBy}{" "}
      {(done.length > 0 ? done : replays).map((id) => (
        <a key={id} href={`/ui/runs/${id}`}>
          {id}
        </a>
      ))}
    </>
  );
}
