// One file: what was read, what happened to its lines, and the decisions that a person can make.
import type { FileItem, RunStatusAnswer } from "../../../contract/api/api-types.ts";
import type { DropReason } from "../../../contract/file-counts.ts";
import { paths } from "../../api/paths.ts";
import { Copy } from "../../parts/copy.tsx";
import { Detail, Fact } from "../../parts/detail.tsx";
import { Instant, Window } from "../../parts/instant.tsx";
import { Loaded } from "../../parts/loaded.tsx";
import { ReasonText } from "../../parts/row-reason.tsx";
import { EmptyState, Notice } from "../../parts/notice.tsx";
import { Badge } from "../../parts/stage-badge.tsx";
import { Table } from "../../parts/table.tsx";
import { useFeed } from "../../state/feed.ts";
import { FILES_FOR_PERSON, fileTone } from "../../state/row-states.ts";
import { fileWord } from "../../text/codes.ts";
import { causeWord } from "../../text/row-reason.ts";
import { bytes, count, UNKNOWN } from "../../text/numbers.ts";
import { texts } from "../../text/texts.ts";
import { isDecidedLater } from "../run/decided-later.ts";
import { FileVerbs } from "../run/file-verbs.tsx";

export function FileDetail({ run, file }: { run: RunStatusAnswer; file: number }) {
  const t = texts.value.runLists;
  const feed = useFeed(paths.files(run.id, { from: file, limit: 1 }), {
    works: ({ items }) => items.some(({ state }) => fileTone(state) === "work"),
  });
  return (
    <Detail parameter="file" title={t.fileNumber(count(file))}>
      <Loaded feed={feed}>
        {({ items: [item] }) =>
          item?.file === file ? <FileFacts run={run} item={item} /> : <EmptyState title={t.noSuchFile} />
        }
      </Loaded>
    </Detail>
  );
}

function FileFacts({ run, item }: { run: RunStatusAnswer; item: FileItem }) {
  const t = texts.value.runLists;
  const { state, reason, batches, choices, live, salvaged } = item;
  const isLater = isDecidedLater(run, reason);
  const needsPerson = FILES_FOR_PERSON.some((one) => one === state) && !isLater;
  return (
    <>
      <p>
        <Badge tone={fileTone(state)}>{fileWord(state)}</Badge>
      </p>
      {reason !== null && (
        <Notice tone={needsPerson ? "red" : "plain"}>
          <ReasonText state={state} reason={reason} />
        </Notice>
      )}
      {isLater && <p>{texts.value.rowVerbs.decidedLater}</p>}
      {needsPerson && (
        <p>
          <FileVerbs run={run} file={item.file} state={state} />
        </p>
      )}
      <dl class="facts">
        <Fact name={t.key}>
          <code>{item.key}</code> <Copy text={item.key} />
        </Fact>
        <Fact name={t.range}>
          <Window start={item.range.start} end={item.range.end} isEndOutside />
        </Fact>
        <Fact name={t.size}>{bytes(item.size)}</Fact>
        <Fact name={t.etag}>
          <code>{item.etag}</code>
        </Fact>
        <Fact name={t.uploaded}>
          <Instant at={item.uploaded_at} />
        </Fact>
        <Fact name={t.parses}>
          {count(item.attempt)}
          {item.crashes > 0 && ` · ${t.crashes(count(item.crashes))}`}
        </Fact>
        <Fact name={texts.value.run.batches}>
          {batches.first === null ? (
            count(batches.count)
          ) : (
            <a href={`/ui/runs/${run.id}/batches?from=${batches.first}`}>
              {t.batchesOfFile(count(batches.count), count(batches.unsettled))}
            </a>
          )}
        </Fact>
        <Fact name={t.keptFrom}>
          <Instant at={item.first_kept} />
        </Fact>
        <Fact name={t.keptUntil}>
          <Instant at={item.last_kept} />
        </Fact>
        {item.bytes && (
          <Fact name={t.bytesRead}>{t.inflated(bytes(item.bytes.read), bytes(item.bytes.inflated))}</Fact>
        )}
        {salvaged && (
          <Fact name={t.salvaged}>{t.salvagedPart(count(salvaged.lines), bytes(salvaged.bytes))}</Fact>
        )}
        {choices && (
          <Fact name={t.choices}>
            <code class="prose">{JSON.stringify(choices)}</code>
          </Fact>
        )}
        {live && (
          <Fact name={t.live}>
            {t.liveBatches(count(live.done), count(live.waiting), count(live.expected))}
          </Fact>
        )}
      </dl>
      <FileLines item={item} />
    </>
  );
}

/** Shows the equation: read = kept + dropped by reason + malformed. */
function FileLines({ item: { lines, samples } }: { item: FileItem }) {
  const t = texts.value.runLists;
  const words = texts.value.run;
  if (lines === null) return <p class="quiet">{t.notParsed}</p>;
  const dropped = (Object.keys(words.dropped) as DropReason[]).filter((reason) => lines.dropped[reason] > 0);
  return (
    <>
      <h3>{t.lines}</h3>
      <dl class="facts sums">
        <Fact name={words.read}>{count(lines.read)}</Fact>
        <Fact name={words.kept}>{count(lines.kept)}</Fact>
        {dropped.map((reason) => (
          <Fact key={reason} name={words.dropped[reason]}>
            {count(lines.dropped[reason])}
          </Fact>
        ))}
        <Fact name={words.malformed}>{count(lines.malformed)}</Fact>
        {lines.empty > 0 && <Fact name={t.emptyLines}>{count(lines.empty)}</Fact>}
        {lines.repaired > 0 && <Fact name={t.repaired}>{count(lines.repaired)}</Fact>}
      </dl>
      {samples.length > 0 && (
        <>
          <h3>{words.malformedTitle}</h3>
          <Table
            label={words.malformedTitle}
            columns={[
              { key: "line", head: words.line, cell: ({ line }) => count(line) },
              {
                key: "reason",
                head: t.reason,
                cell: ({ reason }) => <span title={reason}>{causeWord(reason)}</span>,
              },
              {
                key: "bytes",
                head: words.beginning,
                cell: (one) => <code class="clip wide">{one.bytes || UNKNOWN}</code>,
              },
            ]}
            rows={samples}
            rowKey={({ line }) => line}
          />
        </>
      )}
    </>
  );
}
