// Shows what the live worker delivered in the last 24 hours, as a strip of 288 cells.
import type { CoverageHole } from "../../contract/api/api-types.ts";
import { CELL_MS_OF_PAGE, dayBefore } from "../state/coverage-range.ts";
import { paths } from "../api/paths.ts";
import { CellStrip } from "../parts/cell-strip.tsx";
import { Window } from "../parts/instant.tsx";
import { Loaded } from "../parts/loaded.tsx";
import { useFeed } from "../state/feed.ts";
import { newRunOf } from "../state/new-run-link.ts";
import { now } from "../state/poller.ts";
import { count } from "../text/numbers.ts";
import { texts } from "../text/texts.ts";

export function CoverageOfDay() {
  const t = texts.value.home;
  // The range changes only every five minutes. So the path stays the same in between, and its feed is used again.
  const range = dayBefore(Math.floor(now.value / CELL_MS_OF_PAGE) * CELL_MS_OF_PAGE);
  const feed = useFeed(paths.coverage(range), { works: ({ complete }) => !complete, slowestMs: 0 });
  return (
    <section aria-labelledby="coverage">
      <h2 id="coverage">
        <a href="/ui/coverage">{t.coverage}</a>
      </h2>
      <Loaded feed={feed}>
        {({ states, start, holes, complete, live }) => (
          <>
            <CellStrip states={states} start={start} />
            <p class="quiet">
              {live.seen === false && live.note !== null ? <span lang="en">{live.note} </span> : null}
              {!complete && `${t.coverageLooking}… `}
              {t.localOnly}
            </p>
            {holes.length === 0 ? (
              complete && <p class="calm">{t.noHole}</p>
            ) : (
              <>
                <p>{t.holes(count(holes.length))}</p>
                <ul class="holes">
                  {holes.map((hole) => (
                    <li key={hole.start}>
                      <Window start={hole.start} end={hole.end} isEndOutside /> ·{" "}
                      {texts.value.units.files(count(hole.files))} · <Replay of={hole} />
                    </li>
                  ))}
                </ul>
              </>
            )}
          </>
        )}
      </Loaded>
    </section>
  );
}

/** A hole stays a hole while a run replays it, because the live worker still did not deliver it. */
function Replay({ of: { inner, outer, replays } }: { of: CoverageHole }) {
  const t = texts.value.home;
  if (replays.length === 0) return <a href={newRunOf(outer, { inner, outer })}>{t.replay}</a>;
  return (
    <>
      {t.replayedBy}{" "}
      {replays.map((id) => (
        <a key={id} href={`/ui/runs/${id}`}>
          {id}
        </a>
      ))}
    </>
  );
}
