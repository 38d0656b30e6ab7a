// The stage of a run as a word with a mark. The mark differs by pattern, so nothing depends on colour alone.
import type { Stage } from "../../contract/states.ts";
import { toneOf, type Tone } from "../state/run-stage.ts";
import { stageWord } from "../text/codes.ts";

/** A word with the mark of its tone. For states of files, batches and windows too. */
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
