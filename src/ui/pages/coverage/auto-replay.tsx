// The watch for holes: its mode, the holes that it proposed or queued, and why it queues nothing now.
import { useState } from "preact/hooks";
import type { AutoReplayAnswer, Proposal } from "../../../contract/api/api-types.ts";
import { paths } from "../../api/paths.ts";
import { planPaths } from "../../api/plan-paths.ts";
import { Instant, Window } from "../../parts/instant.tsx";
import { Loaded } from "../../parts/loaded.tsx";
import { EmptyState, Notice } from "../../parts/notice.tsx";
import { Table } from "../../parts/table.tsx";
import { Verb } from "../../parts/verb.tsx";
import { useFeed } from "../../state/feed.ts";
import { newRunOfWindow } from "../../state/new-run-link.ts";
import { count, linesPerSecond } from "../../text/numbers.ts";
import { texts } from "../../text/texts.ts";

type Mode = AutoReplayAnswer["mode"];

/** The modes that a person can choose. `satisfies` makes the compiler refuse a missing mode. */
const MODES = Object.keys({ off: true, propose: true, queue: true } satisfies Record<Mode, true>) as Mode[];

export function AutoReplay() {
  const t = texts.value.coverage;
  const feed = useFeed(paths.autoReplay);
  return (
    <section aria-labelledby="auto-replay">
      <h2 id="auto-replay">{t.watching}</h2>
      <Loaded feed={feed}>
        {(view) => <Watching view={view} onSwitched={() => void feed?.refresh()} />}
      </Loaded>
    </section>
  );
}

function Watching({ view, onSwitched }: { view: AutoReplayAnswer; onSwitched: () => void }) {
  const t = texts.value.coverage;
  const isOff = view.mode === "off";
  return (
    <>
      <p>
        <strong>{t.modes[view.mode]}</strong> <span class="quiet">{t.modeMeanings[view.mode]}</span>
      </p>
      {!isOff && (
        <p class="quiet">
          {t.watchFacts(count(view.after_minutes), linesPerSecond(view.max_lines_per_second))} · {t.lookedAt}{" "}
          <Instant at={view.looked_at} /> · {t.nextLook} <Instant at={view.next_look_at} />
        </p>
      )}
      {view.waits_for && view.mode === "queue" && (
        <Notice tone="amber" title={t.onlyProposes}>
          <p>
            <code>{view.waits_for.code}</code> <span lang="en">{view.waits_for.detail}</span>
          </p>
        </Notice>
      )}
      <p>
        <SwitchMode mode={view.mode} onSwitched={onSwitched} />
      </p>
      {view.proposals.length === 0 ? (
        !isOff && <EmptyState title={t.noProposal} />
      ) : (
        <Table
          label={t.proposals}
          rows={view.proposals}
          rowKey={({ id }) => id}
          columns={[
            {
              key: "window",
              head: texts.value.runs.window,
              cell: ({ start, end }) => <Window start={start} end={end} isEndOutside />,
            },
            { key: "state", head: t.state, cell: ({ state }) => t.proposalStates[state] },
            { key: "next", head: t.nextStep, cell: (proposal) => <Next of={proposal} /> },
            { key: "files", head: t.files, isNumber: true, cell: ({ files }) => count(files) },
            { key: "at", head: t.proposedAt, cell: (one) => <Instant at={one.proposed_at} /> },
            { key: "detail", head: t.detailHead, cell: ({ detail }) => <span lang="en">{detail}</span> },
          ]}
        />
      )}
    </>
  );
}

function Next({ of: { state, start, end, window } }: { of: Proposal }) {
  const t = texts.value.coverage;
  if (window !== null) return <a href={`/ui/queue?window=${window}`}>{t.inQueue(String(window))}</a>;
  if (state !== "proposed" && state !== "refused" && state !== "expired") return <>—</>;
  return <a href={newRunOfWindow({ start, end }, true)}>{t.planOrQueue}</a>;
}

function SwitchMode({ mode, onSwitched }: { mode: Mode; onSwitched: () => void }) {
  const t = texts.value.coverage;
  const [wanted, setWanted] = useState(mode);
  return (
    <Verb
      label={t.switchMode}
      now={t.modeMeanings[wanted]}
      later={t.switchLater}
      path={planPaths.switchAutoReplay}
      body={{ mode: wanted }}
      onDone={onSwitched}
    >
      <fieldset class="choices">
        <legend>{t.mode}</legend>
        {MODES.map((value) => (
          <label key={value}>
            <input
              type="radio"
              name="auto-replay-mode"
              checked={wanted === value}
              onChange={() => setWanted(value)}
            />{" "}
            {t.modes[value]}
          </label>
        ))}
      </fieldset>
    </Verb>
  );
}
