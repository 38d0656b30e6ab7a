// The button that resumes a run after its canary. Its dialog says what is left, and asks whether the partner confirmed
// the canary. The answer becomes the beginning of the note, so that the events and the evidence contain it.
import { useState } from "preact/hooks";
import type { RunStatusAnswer } from "../../../contract/api/api-types.ts";
import { paths } from "../../api/paths.ts";
import { Fact } from "../../parts/detail.tsx";
import { Verb } from "../../parts/verb.tsx";
import { CANARY_ANSWERS, CANARY_NOTES, type CanaryAnswer } from "../../state/canary-notes.ts";
import { waitsOf } from "../../state/batch-waits.ts";
import { atLeast, count } from "../../text/numbers.ts";
import { sentences } from "../../text/punctuation.ts";
import { texts } from "../../text/texts.ts";

export function ResumeCanary({ run }: { run: RunStatusAnswer }) {
  const t = texts.value.canary;
  const words = texts.value.runVerbs;
  const [answer, setAnswer] = useState<CanaryAnswer | null>(null);
  return (
    <Verb
      label={words.sendRest}
      now={words.canaryNow}
      path={paths.runVerb(run.id, "resume")}
      isPrimary
      lacks={answer === null ? t.choose : null}
      notePrefix={answer === null ? "" : CANARY_NOTES[answer]}
      onDone={() => setAnswer(null)}
    >
      <dl class="facts">
        <Left run={run} />
        <Held run={run} />
      </dl>
      <fieldset class="choices">
        <legend>{t.question}</legend>
        {CANARY_ANSWERS.map((one) => (
          <label key={one}>
            <input type="radio" name="partner" checked={answer === one} onChange={() => setAnswer(one)} />{" "}
            {t[one]}
          </label>
        ))}
        <p class="quiet">{t.recorded}</p>
      </fieldset>
    </Verb>
  );
}

function Left({ run: { lines, batches, files } }: { run: RunStatusAnswer }) {
  const t = texts.value.canary;
  const unread = files.listed + files.parsing;
  return (
    <Fact name={t.left}>
      {t.leftOf(count(lines.pending), count(batches.pending + batches.leased))}
      {unread > 0 && ` · ${t.unread(count(unread))}`}
    </Fact>
  );
}

function Held({ run }: { run: RunStatusAnswer }) {
  const t = texts.value.canary;
  const { lines, batches } = run;
  if (batches.held === 0) return null;
  const { counts, isAll } = waitsOf(run);
  // A refused batch waits for a person too, but it is not held.
  const person = Math.max(0, counts.person - batches.refused);
  const parts = [
    [counts.size, t.heldForSize],
    [counts.file, t.heldForFile],
    [person, t.heldForPerson],
  ] as const;
  return (
    <Fact name={t.held}>
      {sentences(
        t.heldOf(count(lines.held), count(batches.held)),
        ...parts
          .filter(([batchCount]) => batchCount > 0)
          .map(([batchCount, words]) => words(atLeast(batchCount, isAll))),
      )}
    </Fact>
  );
}
