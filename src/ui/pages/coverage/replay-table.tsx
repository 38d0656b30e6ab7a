// The runs whose windows touch the shown range, as a table. The grid shows the same runs as lines below its rows.
import type { CoverageAnswer } from "../../../contract/api/api-types.ts";
import { Window } from "../../parts/instant.tsx";
import { StageBadge } from "../../parts/stage-badge.tsx";
import { Table } from "../../parts/table.tsx";
import { count } from "../../text/numbers.ts";
import { texts } from "../../text/texts.ts";

type Run = CoverageAnswer["runs"][number];

export function ReplayTable({ runs }: { runs: readonly Run[] }) {
  const t = texts.value.coverage;
  if (runs.length === 0) return null;
  return (
    <section aria-labelledby="replays">
      <h2 id="replays">{t.runs(count(runs.length))}</h2>
      <Table
        isNarrow
        label={t.runs(count(runs.length))}
        rows={runs}
        rowKey={({ id }) => id}
        columns={[
          {
            key: "window",
            head: texts.value.runs.window,
            cell: ({ id, start, end }) => (
              <a href={`/ui/runs/${id}`}>
                <Window start={start} end={end} />
              </a>
            ),
          },
          {
            key: "stage",
            head: texts.value.runs.stage,
            cell: ({ stage_code: stage }) => <StageBadge stage={stage} />,
          },
          { key: "id", head: texts.value.runs.id, cell: ({ id }) => <code>{id}</code> },
        ]}
      />
    </section>
  );
}

/** Links to the runs. Shows "—" if there is none. */
export function RunLinks({ ids }: { ids: readonly string[] }) {
  if (ids.length === 0) return <>—</>;
  return (
    <>
      {ids.map((id) => (
        <a key={id} class="listed" href={`/ui/runs/${id}`}>
          <code class="clip" title={id}>
            {id}
          </code>
        </a>
      ))}
    </>
  );
}
