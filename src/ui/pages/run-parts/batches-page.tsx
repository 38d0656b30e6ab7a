// /ui/runs/:id/batches lists the batches of a run by state and time, with the details of one batch.
import { useState } from "preact/hooks";
import type { BatchItem, RunStatusAnswer } from "../../../contract/api/api-types.ts";
import { ask } from "../../api/client.ts";
import { paths } from "../../api/paths.ts";
import type { Problem } from "../../api/problem.ts";
import { detailHref, WithDetail } from "../../parts/detail.tsx";
import { EmptyState, Refusal } from "../../parts/notice.tsx";
import { PagedTable } from "../../parts/paged-table.tsx";
import { RowReason } from "../../parts/row-reason.tsx";
import { StateChips } from "../../parts/state-chips.tsx";
import type { Column } from "../../parts/table.tsx";
import { TimeFilter } from "../../parts/time-filter.tsx";
import { place, setQuery } from "../../state/location.ts";
import { useList } from "../../state/pages.ts";
import type { PageProps } from "../../state/routes.ts";
import { batchesForPerson, heldTone, toneOfBatch } from "../../state/batch-waits.ts";
import { batchTone } from "../../state/row-states.ts";
import { isWorking } from "../../state/run-stage.ts";
import { noteProblem } from "../../state/session.ts";
import { batchWord } from "../../text/codes.ts";
import { count } from "../../text/numbers.ts";
import { texts } from "../../text/texts.ts";
import { zonedInstant } from "../../text/windows.ts";
import { RunFrame } from "../run/run-frame.tsx";
import { BatchDetail } from "./batch-detail.tsx";
import { FindRay } from "./find-ray.tsx";

export function BatchesPage({ params }: PageProps) {
  return <RunFrame id={params["id"] ?? ""}>{(run) => <Batches run={run} />}</RunFrame>;
}

function Batches({ run }: { run: RunStatusAnswer }) {
  const t = texts.value.runLists;
  const search = new URLSearchParams(place.value.query);
  const filter = { state: search.get("state"), from: search.get("from") };
  const list = useList<BatchItem>(`batches ${run.id} ${JSON.stringify(filter)}`, {
    path: (cursor, limit) => paths.batches(run.id, { ...filter, cursor, limit }),
    works: () => isWorking(run.stage_code),
  });
  const batch = search.get("batch");
  const needed = batchesForPerson(run);
  const isFiltered = filter.state !== null || filter.from !== null;
  return (
    <WithDetail detail={batch !== null && <BatchDetail key={batch} run={run} batch={Number(batch)} />}>
      <StateChips
        counts={run.batches}
        word={batchWord}
        tone={(state) => (state === "held" ? heldTone(run) : batchTone(state))}
        forPerson={needed.states}
        waiting={needed}
      />
      <search class="filters">
        <JumpToTime run={run.id} />
        {filter.from !== null && <span class="quiet">{t.fromBatch(filter.from)}</span>}
        {isFiltered && (
          <button type="button" onClick={() => setQuery({ state: null, from: null })}>
            {t.clear}
          </button>
        )}
      </search>
      <FindRay run={run.id} />
      <PagedTable
        label={t.batches}
        list={list}
        columns={columns()}
        rowKey={({ batch: number }) => number}
        empty={<EmptyState title={isFiltered ? t.noBatchMatches : t.noBatchYet} />}
      />
    </WithDetail>
  );
}

/** A batch has no time of its own. So the list begins with the first batch of a file whose range contains the typed
 * time. */
function JumpToTime({ run }: { run: string }) {
  const t = texts.value.runLists;
  const [problem, setProblem] = useState<Problem | null>(null);
  const [isAbsent, setAbsent] = useState(false);
  const jump = async (at: string | null) => {
    setProblem(null);
    setAbsent(false);
    if (at === null) return setQuery({ from: null });
    const end = new Date(Date.parse(at) + 1_000).toISOString().replace(".000Z", "Z");
    const answer = await ask(paths.files(run, { start: at, end, limit: 100 }));
    noteProblem(answer.ok ? null : answer.problem);
    if (!answer.ok) return setProblem(answer.problem);
    const first = answer.data.items.find(({ batches }) => batches.first !== null)?.batches.first ?? null;
    setAbsent(first === null);
    if (first !== null) setQuery({ from: String(first) });
  };
  return (
    <>
      <TimeFilter label={t.atTime} value={null} onChange={(at) => void jump(at)} />
      {isAbsent && <output>{t.noBatchAtTime}</output>}
      <Refusal problem={problem} isAlert />
    </>
  );
}

/** Each row has few HTML elements, because the page shows up to 400 rows. */
function columns(): Column<BatchItem>[] {
  const t = texts.value.runLists;
  return [
    {
      key: "batch",
      head: t.batch,
      cell: ({ batch }) => (
        <a href={detailHref("batch", batch)} data-row={batch}>
          {count(batch)}
        </a>
      ),
    },
    {
      key: "state",
      head: t.state,
      cell: (batch) => <span class={`dot tone-${toneOfBatch(batch)}`}>{batchWord(batch.state)}</span>,
    },
    { key: "file", head: t.file, isNumber: true, cell: ({ file }) => count(file) },
    { key: "lines", head: t.lines, isNumber: true, cell: ({ lines }) => count(lines) },
    { key: "attempts", head: t.attempts, isNumber: true, cell: ({ attempts }) => count(attempts) },
    { key: "answer", head: t.answer, isNumber: true, cell: ({ answer_status: status }) => status ?? "—" },
    { key: "done", head: t.doneAt, cell: ({ done_at: at }) => zonedInstant(at) },
    {
      key: "reason",
      head: t.reason,
      cell: ({ state, reason }) => <RowReason state={state} reason={reason} />,
    },
  ];
}
