// Shows the first malformed records of a run.
import type { RunStatusAnswer } from "../../../contract/api/api-types.ts";
import { Table } from "../../parts/table.tsx";
import { count } from "../../text/numbers.ts";
import { causeWord } from "../../text/row-reason.ts";
import { texts } from "../../text/texts.ts";

export function MalformedLines({ run }: { run: RunStatusAnswer }) {
  const t = texts.value.run;
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
