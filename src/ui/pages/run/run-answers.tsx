// The receiver's answers that wait for a decision, next to the usual answer.
import type { RunStatusAnswer } from "../../../contract/api/api-types.ts";
import { Table } from "../../parts/table.tsx";
import { count } from "../../text/numbers.ts";
import { texts } from "../../text/texts.ts";

export function RunAnswers({ run: { answers } }: { run: RunStatusAnswer }) {
  const t = texts.value.run;
  const usual = answers.usual ? [{ id: t.usual, ...answers.usual, waiting: 0 }] : [];
  return (
    <section aria-labelledby="run-answers">
      <h2 id="run-answers">{t.answersTitle}</h2>
      <Table
        label={t.answersTitle}
        columns={[
          { key: "id", head: t.subject, cell: ({ id }) => <code>{id}</code> },
          { key: "status", head: "HTTP", isNumber: true, cell: ({ status }) => status },
          { key: "count", head: t.answersSeen, isNumber: true, cell: (kind) => count(kind.count) },
          { key: "body", head: t.beginning, cell: ({ body }) => <code class="clip wide">{body}</code> },
        ]}
        rows={[...usual, ...answers.kinds]}
        rowKey={({ id }) => id}
      />
    </section>
  );
}
