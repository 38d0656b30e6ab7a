// The files and batches that need a person or are uncertain. Below them, the first malformed lines.
import type { RunStatusAnswer } from "../../../contract/api/api-types.ts";
import { lazyPage } from "../../parts/lazy-page.tsx";
import { MOST_PROBLEMS } from "../../state/batch-waits.ts";
import { count } from "../../text/numbers.ts";
import { texts } from "../../text/texts.ts";

/** Scripts of their own, because most visits see a run without problems. */
const ProblemTable = lazyPage(
  () => import("./problem-table.tsx").then((part) => part.ProblemTable),
  ["rowReasons"],
);
const MalformedLines = lazyPage(
  () => import("./malformed-lines.tsx").then((part) => part.MalformedLines),
  ["rowReasons"],
);

export function RunProblems({ run }: { run: RunStatusAnswer }) {
  const t = texts.value.run;
  const { problems } = run;
  const { malformed } = run.lines;
  return (
    <section aria-labelledby="run-problems">
      <h2 id="run-problems">{t.problemsTitle}</h2>
      {problems.length === 0 ? (
        <p class="calm">{t.problemsNone}</p>
      ) : (
        <>
          <ProblemTable run={run} />
          {problems.length >= MOST_PROBLEMS && <p class="quiet">{t.problemsFirst(count(MOST_PROBLEMS))}</p>}
        </>
      )}
      {malformed > 0 && <p class="tone-amber">{t.problemsMalformed(count(malformed))}</p>}
      {run.malformed_samples.length > 0 && <MalformedLines run={run} />}
    </section>
  );
}
