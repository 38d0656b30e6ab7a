// Shows the selection of the grid, a link that plans its replay, and the files of a selection of up to an hour.
import type { CoverageAnswer, CoverageFile } from "../../../contract/api/api-types.ts";
import { planPaths } from "../../api/plan-paths.ts";
import { cellText } from "../../parts/cell-strip.tsx";
import { Instant, Window } from "../../parts/instant.tsx";
import { Loaded } from "../../parts/loaded.tsx";
import { EmptyState } from "../../parts/notice.tsx";
import { Table, type Column } from "../../parts/table.tsx";
import { cellCounts } from "../../state/coverage-range.ts";
import { useFeed } from "../../state/feed.ts";
import { newRunOfCells } from "../../state/new-run-link.ts";
import { judgedFrom, shownStates } from "../../state/possible-holes.ts";
import { replayedIn, withReplays } from "../../state/replays.ts";
import { bytes, count } from "../../text/numbers.ts";
import { listed } from "../../text/punctuation.ts";
import { texts } from "../../text/texts.ts";
import { RunLinks } from "./replay-table.tsx";
import { HOUR_MS, rangeQuery } from "./day-rows.ts";
import { spanOf, statesIn, type Selection } from "./selection.ts";
import { useSettled } from "./use-settled.ts";

export function SelectedCells(props: { view: CoverageAnswer; selection: Selection; onClear: () => void }) {
  const t = texts.value.coverage;
  const { view } = props;
  const span = spanOf(props.selection);
  const text = rangeQuery(span);
  const range = { startMs: Date.parse(view.start), endMs: Date.parse(view.end) };
  const states = statesIn(withReplays(shownStates(view), view), range, span);
  const judgedAt = judgedFrom(view, span);
  const replays = replayedIn(view, text);
  return (
    <section class="selected-cells" aria-labelledby="selected">
      <h2 id="selected">
        {t.selected} <Window start={text.start} end={text.end} isEndOutside />
      </h2>
      <p>
        {listed(
          cellCounts(states).map(([letter, cells]) =>
            texts.value.home.cells(count(cells), cellText(letter, judgedAt)),
          ),
        )}
      </p>
      {replays.length > 0 && (
        <p>
          <strong>{t.replayed}</strong> <RunLinks ids={replays} />
        </p>
      )}
      <p class="together">
        <a
          class={replays.length > 0 ? "button" : "button primary"}
          href={newRunOfCells(text, view.holes, view.live.seen === true)}
        >
          {t.plan}
        </a>
        <button type="button" onClick={props.onClear}>
          {t.clear}
        </button>
      </p>
      {span.endMs - span.startMs <= HOUR_MS ? <Files span={text} /> : <p class="quiet">{t.filesOfHour}</p>}
    </section>
  );
}

function Files({ span }: { span: { start: string; end: string } }) {
  const t = texts.value.coverage;
  // A drag passes through many selections. A request for each would make the API count many markers in vain.
  const settled = useSettled(`${span.start} ${span.end}`);
  const [start = "", end = ""] = settled.split(" ");
  const feed = useFeed(planPaths.coverageFiles({ start, end }), { works: ({ complete }) => !complete });
  return (
    <Loaded feed={feed}>
      {({ files, files_left_off: leftOff, complete }) => (
        <>
          {files.length === 0 ? (
            <EmptyState title={complete ? t.noFiles : texts.value.parts.searching} />
          ) : (
            <Table label={t.fileTable} rows={files} rowKey={({ key }) => key} columns={columns()} />
          )}
          {files.some(isOpen) && <p class="quiet">{texts.value.parts.searching}</p>}
          {leftOff > 0 && <p class="quiet">{t.leftOff(count(leftOff))}</p>}
        </>
      )}
    </Loaded>
  );
}

/** Whether the markers of the file are still to be listed or counted. When all files of an answer are known, the
 * answer is shown unchanged while the bucket is listed again. */
function isOpen({ state }: CoverageFile): boolean {
  return state === "unknown" || state === "marked";
}

function columns(): Column<CoverageFile>[] {
  const t = texts.value.coverage;
  return [
    { key: "key", head: t.key, cell: ({ key }) => <code>{key}</code> },
    { key: "state", head: t.state, cell: ({ state }) => texts.value.coverage.fileStates[state] },
    { key: "size", head: t.bytes, isNumber: true, cell: ({ size }) => bytes(size) },
    { key: "done", head: t.done, isNumber: true, cell: ({ done }) => count(done) },
    { key: "waiting", head: t.waiting, isNumber: true, cell: ({ waiting }) => count(waiting) },
    { key: "missing", head: t.missing, cell: ({ missing }) => missing?.join(", ") || "—" },
    {
      key: "window",
      head: t.span,
      cell: ({ start, end }) => <Window start={start} end={end} isEndOutside />,
    },
    { key: "first", head: t.firstDone, cell: (file) => <Instant at={file.first_done_at} /> },
    { key: "last", head: t.lastDoneHead, cell: (file) => <Instant at={file.last_done_at} /> },
    { key: "uploaded", head: t.uploaded, cell: ({ uploaded }) => <Instant at={uploaded} /> },
  ];
}
