// Shows the first malformed records of a run, with a text about them for the partner.
import type { RunStatusAnswer } from "../../../contract/api/api-types.ts";
import { paths } from "../../api/paths.ts";
import { Copy } from "../../parts/copy.tsx";
import { Table } from "../../parts/table.tsx";
import { useFeed } from "../../state/feed.ts";
import { isWorking } from "../../state/run-stage.ts";
import { count } from "../../text/numbers.ts";
import { causeWord } from "../../text/row-reason.ts";
import { texts } from "../../text/texts.ts";
import { malformedText, type ShownRecord } from "./malformed-text.ts";

/** A run keeps at most this many. Each file keeps as many of its own. */
const MOST = 20;

export function MalformedLines({ run }: { run: RunStatusAnswer }) {
  const t = texts.value.run;
  const words = texts.value.rowReasons;
  const feed = useFeed(paths.malformed(run.id, { limit: MOST }), { works: () => isWorking(run.stage_code) });
  // The status has the first five.
  const shown: readonly ShownRecord[] = feed?.data.value?.items ?? run.malformed_samples;
  const { malformed } = run.lines;
  return (
    <>
      <h3>{t.malformedTitle}</h3>
      <p>
        {malformed > shown.length && <>{words.malformedFirst(count(shown.length), count(malformed))} </>}
        <Copy text={malformedText(run, shown)} label={t.canaryCopy} />
      </p>
      <Table
        isNarrow
        label={t.malformedTitle}
        columns={[
          {
            key: "file",
            head: texts.value.runLists.file,
            cell: ({ file }) => <a href={`/ui/runs/${run.id}/files?file=${file}`}>{t.file(String(file))}</a>,
          },
          { key: "line", head: t.line, isNumber: true, cell: ({ line }) => count(line) },
          {
            key: "reason",
            head: t.reason,
            cell: ({ reason }) => <span title={reason}>{causeWord(reason)}</span>,
          },
          { key: "bytes", head: t.beginning, cell: ({ bytes }) => <code class="clip wide">{bytes}</code> },
        ]}
        rows={shown}
        rowKey={({ file, line }) => `${file} ${line}`}
      />
    </>
  );
}
