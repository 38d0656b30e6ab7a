// The legend: each state with its pattern, its word and its number of cells. A person can unfold what the states
// mean.
import { cellClass, cellText } from "../../parts/cell-strip.tsx";
import { POSSIBLE } from "../../state/possible-holes.ts";
import { REPLAYED } from "../../state/replays.ts";
import { cellCounts } from "../../state/coverage-range.ts";
import { cellWord } from "../../text/codes.ts";
import { count } from "../../text/numbers.ts";
import { texts } from "../../text/texts.ts";

const LETTERS = ["d", "p", "n", "w", "r", "e", "t", "s", "j", "?", "."] as const;

/** `judgedAt`: when the first cell that may become a hole is judged. */
export function CoverageLegend({ states, judgedAt }: { states: string; judgedAt: string | null }) {
  const t = texts.value.coverage;
  const counts = new Map(cellCounts(states));
  return (
    <>
      <p class="cell-legend">
        {LETTERS.filter((letter) => counts.has(letter)).map((letter) => (
          <span key={letter} class="nowrap">
            <i class={cellClass(letter)} aria-hidden="true" /> {cellText(letter, judgedAt)}{" "}
            <span class="quiet">{count(counts.get(letter))}</span>
          </span>
        ))}
        <span class="nowrap">
          <i class="cell cell-outside" aria-hidden="true" /> {t.outside}
        </span>
        <span class="nowrap">
          <i class="replay-key replay-done" aria-hidden="true" /> {t.replayDone}
        </span>
        <span class="nowrap">
          <i class="replay-key replay" aria-hidden="true" /> {t.replayOpen}
        </span>
      </p>
      <details>
        <summary>{t.meaning}</summary>
        <dl class="facts">
          {LETTERS.map((letter) => (
            <>
              <dt key={`${letter} word`} class="nowrap">
                <i class={cellClass(letter)} aria-hidden="true" /> {cellWord(letter)}{" "}
                {letter !== REPLAYED && <code>{letter === POSSIBLE ? "s" : letter}</code>}
              </dt>
              <dd key={`${letter} meaning`}>{t.meanings[letter]}</dd>
            </>
          ))}
        </dl>
      </details>
    </>
  );
}
