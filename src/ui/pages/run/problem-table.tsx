// The files and batches of a run that need a person or are uncertain, each with its possible decisions.
import type { RunStatusAnswer } from "../../../contract/api/api-types.ts";
import { Instant } from "../../parts/instant.tsx";
import { RowReason } from "../../parts/row-reason.tsx";
import { Table, type Column } from "../../parts/table.tsx";
import { batchWord, fileWord } from "../../text/codes.ts";
import { UNKNOWN } from "../../text/numbers.ts";
import { texts } from "../../text/texts.ts";
import { BatchVerbs } from "./batch-verbs.tsx";
import { isDecidedLater } from "./decided-later.ts";
import { FileVerbs } from "./file-verbs.tsx";

/** Nothing is left to decide about such a batch. */
const SETTLED: ReadonlySet<string> = new Set(["done", "discarded", "split"]);

type RunProblem = RunStatusAnswer["problems"][number];

export function ProblemTable({ run }: { run: RunStatusAnswer }) {
  return (
    <Table
      label={texts.value.run.problemsTitle}
      columns={problemColumns(run)}
      rows={run.problems}
      rowKey={({ kind, file, batch }) => `${kind} ${file ?? ""} ${batch ?? ""}`}
    />
  );
}

function problemColumns(run: RunStatusAnswer): Column<RunProblem>[] {
  const t = texts.value.run;
  return [
    { key: "subject", head: t.subject, cell: (problem) => <Subject run={run.id} problem={problem} /> },
    {
      key: "state",
      head: t.state,
      cell: ({ kind, state, batch_state }) =>
        kind === "file" ? fileWord(state) : batchWord(batch_state ?? state),
    },
    {
      key: "reason",
      head: t.reason,
      cell: ({ state, reason }) => <RowReason state={state} reason={reason} />,
    },
    { key: "next", head: t.nextAttempt, cell: ({ next_attempt_at: at }) => <Instant at={at} /> },
    { key: "decide", head: t.decide, cell: (problem) => <Decide run={run} problem={problem} /> },
  ];
}

function Subject({ run, problem }: { run: string; problem: RunProblem }) {
  const t = texts.value.run;
  const { batch, file, key } = problem;
  const home = `/ui/runs/${run}`;
  return (
    <span title={key ?? undefined}>
      {batch !== null && <a href={`${home}/batches?batch=${batch}`}>{t.batch(String(batch))}</a>}
      {batch === null && file !== null && <a href={`${home}/files?file=${file}`}>{t.file(String(file))}</a>}
      {batch === null && file === null && UNKNOWN}
    </span>
  );
}

function Decide(props: { run: RunStatusAnswer; problem: RunProblem }) {
  const { run } = props;
  const { kind, file, batch, state, batch_state: batchState, reason } = props.problem;
  if (batchState !== null && SETTLED.has(batchState)) return null;
  if (kind === "batch" && batch !== null) return <BatchVerbs run={run} {...props.problem} batch={batch} />;
  if (isDecidedLater(run, reason)) return <span class="quiet">{texts.value.rowVerbs.decidedLater}</span>;
  if (kind === "file" && file !== null) return <FileVerbs run={run} file={file} state={state} />;
  return null;
}
