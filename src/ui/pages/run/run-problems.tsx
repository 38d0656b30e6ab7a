// The files and batches that need a person or are uncertain. Below them, the first malformed lines.
import type { RunStatusAnswer } from "../../../contract/api/api-types.ts";
import { lazyPage } from "../../parts/lazy-page.tsx";
import { Table } from "../../parts/table.tsx";
import { MOST_PROBLEMS } from "../../state/batch-waits.ts";
import { count } from "../../text/numbers.ts";
import { causeWord } from "../../text/row-reason.ts";
import { texts } from "../../text/texts.ts";

/** A script of its own, because most visits see a run without problems. */
const ProblemTable = lazyPage(() => import("./problem-table.tsx").then((part) => part.ProblemTable));

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
      <MalformedLines run={run} />
    </section>
  );
}

function MalformedLines({ run }: { run: RunStatusAnswer }) {
  const t = texts.value.run;
  if (run.malformed_samples.length === 0) return null;
  return (
    <>
      <h3>{t.malformedTitle}</h3>
      <Table
        isNarrow
        label={t.malformedTitle}
        columns={[
          { key: "file", head: texts.value.runLists.file, cell: ({ file }) => t.file(String(file)) },
          { key: "line", head: t.line, isNumber: true, cell: ({ line }) => count(line) },
          {
            key: "reason",
            head: t.reason,
            cell: ({ reason }) => <span title={reason}>{causeWord(reason)}</span>,
          },
          { key: "bytes", head: t.beginning, cell: ({ bytes }) => <code class="clip wide">{bytes}</code> },
        ]}
        rows={run.malformed_samples}
        rowKey={({ file, line }) => `${file} ${line}`}
      />
    </>
  );
}
