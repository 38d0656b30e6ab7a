// Shows what the queue did with each window of a request.
import type { QueueWindowsAnswer, WindowOutcome } from "../../contract/api/api-types.ts";
import { Window } from "./instant.tsx";
import { RunLink, WindowNumber } from "./links.tsx";
import { Badge } from "./stage-badge.tsx";
import { Table } from "./table.tsx";
import { count } from "../text/numbers.ts";
import { texts } from "../text/texts.ts";

export function QueueOutcomes({ answer }: { answer: QueueWindowsAnswer }) {
  const t = texts.value.queue;
  const { outcomes, receiver } = answer;
  return (
    <Table
      label={t.answer}
      rows={outcomes}
      rowKey={({ index }) => index}
      columns={[
        { key: "index", head: "#", isNumber: true, cell: ({ index }) => count(index + 1) },
        { key: "outcome", head: t.state, cell: (one) => <Outcome of={one} receiver={receiver} /> },
        {
          key: "window",
          head: t.window,
          cell: (one) =>
            one.outcome === "dropped" ? (
              "—"
            ) : (
              <Window start={one.start} end={one.end} isEndOutside={one.end_exclusive} />
            ),
        },
        { key: "why", head: t.why, cell: (one) => <Why of={one} /> },
      ]}
    />
  );
}

function Outcome({ of: one, receiver }: { of: WindowOutcome; receiver: string }) {
  const t = texts.value.queue.outcomes;
  switch (one.outcome) {
    case "queued":
      return (
        <>
          <Badge tone={one.state === "blocked" ? "red" : "green"}>
            {one.state === "blocked" ? t.blocked : t.queued}
          </Badge>{" "}
          <WindowNumber id={one.id} receiver={receiver} />
        </>
      );
    case "coalesced":
      return (
        <>
          <Badge tone="green">{t.coalesced}</Badge> <WindowNumber id={one.into} receiver={receiver} />
        </>
      );
    case "duplicate":
      return (
        <>
          <Badge tone="idle">{t.duplicate}</Badge> <Holders of={one.of} receiver={receiver} />
        </>
      );
    case "dropped":
      return <Badge tone="red">{t.dropped}</Badge>;
  }
}

function Why({ of: one }: { of: WindowOutcome }) {
  if (one.outcome === "dropped") {
    const detail = "errors" in one ? one.errors.map((error) => error.detail).join("; ") : "";
    return (
      <>
        <code>{one.reason}</code> <span lang="en">{detail || one.detail}</span>
      </>
    );
  }
  if (one.outcome !== "queued" || one.state !== "blocked") return null;
  return (
    <>
      {one.overlaps.map(({ run, start }) => (
        <span key={`${run} ${start}`}>
          <RunLink run={run} />{" "}
        </span>
      ))}
    </>
  );
}

function Holders({
  of,
  receiver,
}: {
  of: Extract<WindowOutcome, { outcome: "duplicate" }>["of"];
  receiver: string;
}) {
  const runs = "run" in of ? [of.run] : "runs" in of ? of.runs : [];
  const windows = "window" in of ? [of.window] : "windows" in of ? of.windows : [];
  return (
    <>
      {runs.map((run) => (
        <span key={run}>
          <RunLink run={run} />{" "}
        </span>
      ))}
      {windows.map((id) => (
        <span key={id}>
          {texts.value.queue.windowTitle("")}
          <WindowNumber id={id} receiver={receiver} />{" "}
        </span>
      ))}
    </>
  );
}
