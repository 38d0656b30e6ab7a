// Searches whether one request was sent. The API reads raw files again for the search. So the page shows the cost
// before it starts.
import { useRef, useState } from "preact/hooks";
import type { RayAnswer } from "../../../contract/api/api-types.ts";
import { ask } from "../../api/client.ts";
import { paths } from "../../api/paths.ts";
import type { Problem } from "../../api/problem.ts";
import { Refusal } from "../../parts/notice.tsx";
import { Table } from "../../parts/table.tsx";
import { TimeFilter } from "../../parts/time-filter.tsx";
import { isOperator, noteProblem } from "../../state/session.ts";
import { count } from "../../text/numbers.ts";
import { texts } from "../../text/texts.ts";

/** How long to wait for an answer. The API takes at most 20 s. */
const SEARCH_TIMEOUT_MS = 60_000;
type Found = RayAnswer["found"][number];

export function FindRay({ run }: { run: string }) {
  const t = texts.value.ray;
  return (
    <details class="find-ray">
      <summary>{t.title}</summary>
      <Search run={run} />
    </details>
  );
}

function Search({ run }: { run: string }) {
  const t = texts.value.ray;
  const [ray, setRay] = useState("");
  const [at, setAt] = useState<string | null>(null);
  const [isBusy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [answers, setAnswers] = useState<RayAnswer[]>([]);
  const asked = useRef("");
  const next = answers.at(-1)?.next_cursor ?? null;
  const search = async (cursor: string | null) => {
    if (isBusy) return;
    if (cursor === null) asked.current = ray.trim();
    setBusy(true);
    const query = { at, cursor };
    const answer = await ask(paths.ray(run, asked.current, query), { timeoutMs: SEARCH_TIMEOUT_MS });
    setBusy(false);
    noteProblem(answer.ok ? null : answer.problem);
    setProblem(answer.ok ? null : answer.problem);
    if (answer.ok) setAnswers(cursor === null ? [answer.data] : [...answers, answer.data]);
  };
  const why = isOperator.value ? null : texts.value.parts.viewerOnly;
  return (
    <>
      <p class="quiet">{t.cost}</p>
      <form
        class="filters"
        onSubmit={(event) => {
          event.preventDefault();
          void search(null);
        }}
      >
        <label>
          RayID{" "}
          <input
            required
            value={ray}
            maxLength={64}
            autocomplete="off"
            spellcheck={false}
            onInput={(event) => setRay(event.currentTarget.value)}
          />
        </label>
        <TimeFilter label={t.near} value={at} onChange={setAt} />
        <button type="submit" disabled={isBusy || why !== null || ray.trim() === ""}>
          {isBusy ? texts.value.parts.working : t.search}
        </button>
        {why !== null && <span class="quiet">{why}</span>}
      </form>
      <Refusal problem={problem} isAlert />
      <div aria-live="polite">
        {answers.length > 0 && <Result run={run} answers={answers} />}
        {next !== null && (
          <button type="button" disabled={isBusy} onClick={() => void search(next)}>
            {t.goOn}
          </button>
        )}
      </div>
    </>
  );
}

function Result({ run, answers }: { run: string; answers: readonly RayAnswer[] }) {
  const t = texts.value.ray;
  const found = answers.flatMap((answer) => answer.found);
  const looked = answers.flatMap((answer) => answer.looked_at);
  const unread = looked.filter(({ result }) => result !== "searched");
  const isOver = answers.at(-1)?.next_cursor === null;
  return (
    <>
      <p>
        <code>{answers[0]?.ray_id}</code>: {found.length === 0 ? (isOver ? t.notFound : t.notFoundYet) : null}{" "}
        {t.looked(count(looked.length))}
      </p>
      {unread.map(({ file, key, result, detail }) => (
        <p key={file} class="tone-amber">
          {t.unread} <code>{key}</code>: <code>{result}</code> <span lang="en">{detail}</span>
        </p>
      ))}
      {found.length > 0 && (
        <Table
          label={t.title}
          columns={[
            { key: "verdict", head: t.verdict, cell: ({ verdict }: Found) => t.verdicts[verdict] },
            { key: "batch", head: t.batch, cell: (one: Found) => <Batch run={run} of={one} /> },
            {
              key: "file",
              head: t.file,
              cell: ({ file, line }: Found) => (
                <a href={`/ui/runs/${run}/files?file=${file}`}>{t.lineOfFile(count(file), count(line))}</a>
              ),
            },
            {
              key: "posts",
              head: t.posts,
              cell: ({ deliveries }: Found) =>
                t.certain(count(deliveries.certain), count(deliveries.possible)),
            },
            {
              key: "detail",
              head: t.detail,
              cell: ({ reason, detail }: Found) => (
                <span lang="en">
                  {reason !== null && <code>{reason}</code>} {detail}
                </span>
              ),
            },
          ]}
          rows={found}
          rowKey={({ file, line }) => `${file} ${line}`}
        />
      )}
    </>
  );
}

function Batch({ run, of: { batch, line_in_batch: line } }: { run: string; of: Found }) {
  const t = texts.value.ray;
  if (batch === null) return "—";
  return <a href={`/ui/runs/${run}/batches?batch=${batch}`}>{t.lineOfBatch(count(batch), count(line))}</a>;
}
