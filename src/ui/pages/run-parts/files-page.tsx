// /ui/runs/:id/files lists the raw files of a run by state and time, with the details of one file.
import type { FileItem, RunStatusAnswer } from "../../../contract/api/api-types.ts";
import { paths } from "../../api/paths.ts";
import { detailHref, WithDetail } from "../../parts/detail.tsx";
import { EmptyState } from "../../parts/notice.tsx";
import { PagedTable } from "../../parts/paged-table.tsx";
import { RowReason } from "../../parts/row-reason.tsx";
import { StateChips } from "../../parts/state-chips.tsx";
import type { Column } from "../../parts/table.tsx";
import { TimeFilter } from "../../parts/time-filter.tsx";
import { CELL_MS_OF_PAGE as CELL_MS } from "../../state/coverage-range.ts";
import { place, setQuery } from "../../state/location.ts";
import { useList } from "../../state/pages.ts";
import type { PageProps } from "../../state/routes.ts";
import { FILES_FOR_PERSON, fileTone } from "../../state/row-states.ts";
import { isWorking } from "../../state/run-stage.ts";
import { fileWord } from "../../text/codes.ts";
import { bytes, count } from "../../text/numbers.ts";
import { texts } from "../../text/texts.ts";
import { zonedWindow } from "../../text/windows.ts";
import { RunFrame } from "../run/run-frame.tsx";
import { FileDetail } from "./file-detail.tsx";
import { FindRay } from "./find-ray.tsx";

export function FilesPage({ params }: PageProps) {
  return <RunFrame id={params["id"] ?? ""}>{(run) => <Files run={run} />}</RunFrame>;
}

function Files({ run }: { run: RunStatusAnswer }) {
  const t = texts.value.runLists;
  const search = new URLSearchParams(place.value.query);
  const names = ["state", "start", "end", "from"] as const;
  const filter = Object.fromEntries(names.map((name) => [name, search.get(name)]));
  const list = useList<FileItem>(`files ${run.id} ${JSON.stringify(filter)}`, {
    path: (cursor, limit) => paths.files(run.id, { ...filter, cursor, limit }),
    works: () => isWorking(run.stage_code),
  });
  const file = search.get("file");
  const { start, end } = filter;
  const isFiltered = Object.values(filter).some((value) => value !== null);
  return (
    <WithDetail detail={file !== null && <FileDetail key={file} run={run} file={Number(file)} />}>
      <StateChips counts={run.files} word={fileWord} tone={fileTone} forPerson={FILES_FOR_PERSON} />
      <search class="filters">
        <TimeFilter label={t.atTime} value={start ?? null} onChange={(at) => setQuery(cellAround(at))} />
        {start && end && <span class="quiet">{t.inRange(zonedWindow(start, end))}</span>}
        {isFiltered && (
          <button type="button" onClick={() => setQuery({ state: null, start: null, end: null, from: null })}>
            {t.clear}
          </button>
        )}
      </search>
      <FindRay run={run.id} />
      <PagedTable
        label={t.files}
        list={list}
        columns={columns()}
        rowKey={({ file: number }) => number}
        empty={<EmptyState title={isFiltered ? t.noFileMatches : t.noFileYet} />}
      />
    </WithDetail>
  );
}

/** The cell of five minutes that contains the instant. */
function cellAround(at: string | null): Record<"start" | "end" | "from", string | null> {
  if (at === null) return { start: null, end: null, from: null };
  const start = Math.floor(Date.parse(at) / CELL_MS) * CELL_MS;
  return { start: iso(start), end: iso(start + CELL_MS), from: null };
}

function iso(ms: number): string {
  return new Date(ms).toISOString().replace(".000Z", "Z");
}

/** Each row has few HTML elements, because the page shows up to 400 rows. */
function columns(): Column<FileItem>[] {
  const t = texts.value.runLists;
  return [
    {
      key: "file",
      head: t.file,
      cell: ({ file }) => (
        <a href={detailHref("file", file)} data-row={file}>
          {count(file)}
        </a>
      ),
    },
    {
      key: "state",
      head: t.state,
      cell: ({ state }) => <span class={`dot tone-${fileTone(state)}`}>{fileWord(state)}</span>,
    },
    { key: "range", head: t.range, cell: ({ range }) => zonedWindow(range.start, range.end) },
    { key: "read", head: t.read, isNumber: true, cell: ({ lines }) => count(lines?.read) },
    { key: "kept", head: t.kept, isNumber: true, cell: ({ lines }) => count(lines?.kept) },
    {
      key: "batches",
      head: t.unsettled,
      isNumber: true,
      cell: ({ batches }) => `${count(batches.unsettled)} / ${count(batches.count)}`,
    },
    { key: "size", head: t.size, isNumber: true, cell: ({ size }) => bytes(size) },
    {
      key: "reason",
      head: t.reason,
      cell: ({ state, reason }) => <RowReason state={state} reason={reason} />,
    },
  ];
}
