// Says what Coverage knows about the window of a delivered run: whether every hole is closed.
import type { CoverageAnswer, RunStatusAnswer } from "../../../contract/api/api-types.ts";
import { paths } from "../../api/paths.ts";
import { Window } from "../../parts/instant.tsx";
import { useFeed } from "../../state/feed.ts";
import { now } from "../../state/poller.ts";
import { openHoles } from "../../state/replays.ts";
import { zone } from "../../state/settings.ts";
import { count } from "../../text/numbers.ts";
import { named } from "../../text/punctuation.ts";
import { texts } from "../../text/texts.ts";
import { coverageLink } from "./coverage-link.ts";

export function RunClosed({ run }: { run: RunStatusAnswer }) {
  const t = texts.value.closed;
  const { start, end } = run.window;
  const feed = useFeed(paths.coverage({ start, end }), { works: ({ complete }) => !complete });
  const view = feed?.data.value ?? null;
  const isRefused = view === null && feed !== null && feed.problem.value !== null;
  return (
    <p>
      <strong>{named(t.title, "")}</strong> {isRefused ? t.unknown : <Verdict view={view} />}{" "}
      {run.files.accepted > 0 && (
        <span class="tone-amber">{t.acceptedFiles(count(run.files.accepted))} </span>
      )}
      <a href={coverageLink(run.window, now.value, zone.value)}>{t.link}</a>
    </p>
  );
}

function Verdict({ view }: { view: CoverageAnswer | null }) {
  const t = texts.value.closed;
  if (view === null) return <>{t.looking}</>;
  const open = openHoles(view);
  if (open.length > 0) {
    return (
      <span class="tone-amber">
        {t.open} <Windows of={open} />
      </span>
    );
  }
  if (!view.complete) return <>{t.looking}</>;
  if (view.live.seen === false) return <>{t.noLive}</>;
  const isClosed = view.holes.length > 0;
  return (
    <>
      {isClosed ? (
        <span class="tone-green">
          {t.done} <Windows of={view.holes} />
        </span>
      ) : (
        t.none
      )}{" "}
      {view.possible_holes.length > 0 && t.possible}
    </>
  );
}

function Windows({ of: holes }: { of: CoverageAnswer["holes"] }) {
  return (
    <>
      {holes.map(({ outer }) => (
        <span key={outer.start} class="listed">
          <Window start={outer.start} end={outer.end} isEndOutside />
        </span>
      ))}
    </>
  );
}
