// The stage of a run: a word and a mark. Marks differ in pattern and colour, so that people who do not see colours
// can distinguish them.
import type { Stage } from "../../contract/states.ts";
import { toneOf, type Tone } from "../state/run-stage.ts";
import { stageWord } from "../text/codes.ts";

/** A word with a mark. Also used for the states of files, batches and windows. */
export function Badge({ tone, children }: { tone: Tone; children: string }) {
  return (
    <span class={`badge tone-${tone}`}>
      <i class="mark" aria-hidden="true" />
      {children}
    </span>
  );
}

export function StageBadge({ stage }: { stage: Stage }) {
  return <Badge tone={toneOf(stage)}>{stageWord(stage)}</Badge>;
}
