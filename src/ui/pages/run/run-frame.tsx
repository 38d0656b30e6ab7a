// The parts that every page of one run has: heading, stage, links to other runs, and tabs.
import type { ComponentChildren } from "preact";
import type { RunStatusAnswer } from "../../../contract/api/api-types.ts";
import { Copy } from "../../parts/copy.tsx";
import { Greyed } from "../../parts/loaded.tsx";
import { Loading } from "../../parts/loading.tsx";
import { Refusal } from "../../parts/notice.tsx";
import { windowAddress } from "../../parts/links.tsx";
import { Page } from "../../parts/page.tsx";
import { ReceiverName } from "../../parts/receiver-name.tsx";
import { StageBadge } from "../../parts/stage-badge.tsx";
import { Tabs } from "../../parts/tabs.tsx";
import { useFeed } from "../../state/feed.ts";
import { runFeed } from "../../state/frame-feeds.ts";
import { zone } from "../../state/settings.ts";
import { texts } from "../../text/texts.ts";
import { windowText } from "../../text/time.ts";

const PARTS = ["map", "files", "batches", "events", "evidence"] as const;

export function RunFrame(props: { id: string; children: (run: RunStatusAnswer) => ComponentChildren }) {
  const t = texts.value.run;
  const feed = useFeed(runFeed(props.id).path);
  const run = feed?.data.value ?? null;
  const home = `/ui/runs/${encodeURIComponent(props.id)}`;
  const tabs = PARTS.map((part) => ({ href: `${home}/${part}`, text: t[part] }));
  const title = run ? windowText(run.window.start, run.window.end, zone.value) : props.id;
  return (
    <Page
      title={run ? `${title} ${texts.value.units[zone.value]}` : title}
      aside={run && <RunTags run={run} />}
    >
      <Tabs label={t.tabs} tabs={[{ href: home, text: t.overview }, ...tabs]} />
      <Refusal problem={feed?.problem.value ?? null} />
      {run === null && !feed?.problem.value && <Loading />}
      {run && <Greyed>{props.children(run)}</Greyed>}
    </Page>
  );
}

function RunTags({ run }: { run: RunStatusAnswer }) {
  const t = texts.value.run;
  const { queue_window: queueWindow } = run.spec;
  return (
    <>
      <StageBadge stage={run.stage_code} />
      <ReceiverName of={run.receiver} />
      {run.dry_run && <span class="tag">{t.dryRun}</span>}
      {run.replay && <span class="tag">{t.replay}</span>}
      {queueWindow !== undefined && (
        <a class="tag" href={windowAddress(queueWindow, run.receiver)}>
          {t.queueWindow(String(queueWindow))}
        </a>
      )}
      {run.continue_of !== null && <RunLink word={t.continues} id={run.continue_of} />}
      {run.spec.plan && <RunLink word={t.planOf} id={run.spec.plan.run} />}
      <span class="run-id quiet">
        <code>{run.id}</code> <Copy text={run.id} />
      </span>
    </>
  );
}

function RunLink({ word, id }: { word: string; id: string }) {
  return (
    <span>
      {word}{" "}
      <a href={`/ui/runs/${id}`}>
        <code>{id}</code>
      </a>
    </span>
  );
}
