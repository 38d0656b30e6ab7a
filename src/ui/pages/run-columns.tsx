// The columns of a table of runs.
import { actorText } from "../text/punctuation.ts";
import type { RunItem } from "../../contract/api/api-types.ts";
import { Instant, Window } from "../parts/instant.tsx";
import { ReceiverName } from "../parts/receiver-name.tsx";
import { StageBadge } from "../parts/stage-badge.tsx";
import type { Column } from "../parts/table.tsx";
import { count, duration, linesPerSecond } from "../text/numbers.ts";
import type { Texts } from "../text/texts.ts";

export function runColumns(t: Texts["runs"]): Column<RunItem>[] {
  return [
    {
      key: "window",
      head: t.window,
      cell: (run) => (
        <a href={`/ui/runs/${run.id}`}>
          <Window start={run.start} end={run.end} isEndOutside={run.end_exclusive} />
        </a>
      ),
    },
    {
      key: "stage",
      head: t.stage,
      cell: (run) => (
        <>
          <StageBadge stage={run.stage_code} />
          <ReceiverName of={run.receiver} />
          {run.dry_run && <span class="tag">{t.dryRun}</span>}
          {run.active && <span class="tag">{t.active}</span>}
        </>
      ),
    },
    {
      key: "lines",
      head: t.lines,
      isNumber: true,
      cell: (run) => count(run.dry_run ? null : run.log_lines_sent),
    },
    { key: "exceptions", head: t.exceptions, isNumber: true, cell: (run) => count(run.exceptions) },
    {
      key: "rate",
      head: t.rate,
      isNumber: true,
      // While a run is paused, its average only says how long the pause is.
      cell: (run) =>
        linesPerSecond(run.dry_run || run.stage_code === "paused" ? null : run.lines_per_second_avg),
    },
    { key: "duration", head: t.duration, isNumber: true, cell: (run) => duration(run.duration_seconds) },
    { key: "created", head: t.created, cell: (run) => <Instant at={run.created_at} /> },
    { key: "actor", head: t.actor, cell: (run) => <span class="clip">{actorText(run.actor)}</span> },
    {
      key: "note",
      head: t.note,
      cell: (run) => (
        <span class="clip" title={run.note ?? undefined}>
          {run.note}
        </span>
      ),
    },
  ];
}
