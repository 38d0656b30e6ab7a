// Shows why a plan was refused. If the window is too long, offers to queue it in parts.
import type { Problem } from "../../api/problem.ts";
import { Window } from "../../parts/instant.tsx";
import { Refusal } from "../../parts/notice.tsx";
import { count } from "../../text/numbers.ts";
import { texts } from "../../text/texts.ts";
import { QueueVerb, type QueuedWindow } from "./queue-verb.tsx";
import type { RunBody } from "./run-form.ts";

export function PlanRefused({ problem, body }: { problem: Problem; body: RunBody }) {
  const t = texts.value.newRun;
  const parts = problem.code === "window_too_long" ? partsOf(problem) : [];
  return (
    <>
      <Refusal problem={problem} isAlert />
      {parts.length > 0 && (
        <>
          <p>{t.split(count(parts.length))}</p>
          <ol>
            {parts.map(({ start, end, end_exclusive: exclusive }) => (
              <li key={start}>
                <Window start={start} end={end} isEndOutside={exclusive} />
              </li>
            ))}
          </ol>
          <QueueVerb windows={parts} body={body} isPrimary />
        </>
      )}
    </>
  );
}

function partsOf({ more }: Problem): QueuedWindow[] {
  const { split } = more;
  return Array.isArray(split) ? split.filter(isPart) : [];
}

function isPart(value: unknown): value is QueuedWindow {
  return typeof value === "object" && value !== null && "start" in value && "end" in value;
}
