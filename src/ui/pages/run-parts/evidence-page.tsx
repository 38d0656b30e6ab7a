// /ui/runs/:id/evidence shows what the numbers of a run prove, offers the evidence for download, and verifies it in
// the browser.
import type { RunStatusAnswer } from "../../../contract/api/api-types.ts";
import { paths } from "../../api/paths.ts";
import { Copy } from "../../parts/copy.tsx";
import { Fact } from "../../parts/detail.tsx";
import { lazyPage } from "../../parts/lazy-page.tsx";
import { Notice } from "../../parts/notice.tsx";
import { Table } from "../../parts/table.tsx";
import { canaryNote } from "../../state/canary-notes.ts";
import { useFeed } from "../../state/feed.ts";
import type { PageProps } from "../../state/routes.ts";
import { count } from "../../text/numbers.ts";
import { texts } from "../../text/texts.ts";
import { RunFrame } from "../run/run-frame.tsx";
import { RunTwice } from "../run/run-twice.tsx";
import { handOverText, verifyCommand } from "./hand-over.ts";
import { meaningOf, provenNumbers } from "./proven.ts";
import { readSum } from "./read-sum.ts";
import { VerifyHere } from "./verify-here.tsx";

/** A script of its own, because few runs leave such records out. */
const RunLeftOut = lazyPage(
  () => import("../run/run-left-out.tsx").then((part) => part.RunLeftOut),
  ["closed"],
);

/** An operator releases the canary early, so the first events contain the answer. */
const EVENTS = 200;

export function EvidencePage({ params }: PageProps) {
  return <RunFrame id={params["id"] ?? ""}>{(run) => <Evidence key={run.id} run={run} />}</RunFrame>;
}

function Evidence({ run }: { run: RunStatusAnswer }) {
  return (
    <>
      <State run={run} />
      {!run.dry_run && <VerifyHere run={run} />}
      {run.report.complete && <Ready run={run} />}
      {run.live?.outside_not_delivered && <RunLeftOut run={run} />}
      {!run.dry_run && <RunTwice run={run} />}
      <Numbers run={run} />
    </>
  );
}

function hasEnded({ ended_at, delivered_at }: RunStatusAnswer): boolean {
  return ended_at !== null || delivered_at !== null;
}

function State({ run }: { run: RunStatusAnswer }) {
  const t = texts.value.evidence;
  const { complete, prefix, parts } = run.report;
  if (run.dry_run) return <Notice tone="plain" title={t.ofDryRun} />;
  if (complete) {
    return (
      <Notice tone="plain" title={t.ready}>
        <p>{t.readyHint(count(parts))}</p>
      </Notice>
    );
  }
  if (prefix !== null) {
    return (
      <Notice tone="plain" title={t.writing}>
        <p>{t.writingHint(count(parts))}</p>
      </Notice>
    );
  }
  return (
    <Notice tone={hasEnded(run) ? "amber" : "plain"} title={hasEnded(run) ? t.outdated : t.notYet}>
      <p>{hasEnded(run) ? t.outdatedHint : t.notYetHint}</p>
    </Notice>
  );
}

function Ready({ run }: { run: RunStatusAnswer }) {
  const t = texts.value.evidence;
  const { head, prefix, generation } = run.report;
  const events = useFeed(run.spec.canary === null ? null : paths.events(run.id, { limit: EVENTS }));
  const note = canaryNote(events?.data.value?.items ?? []);
  return (
    <section aria-labelledby="evidence-files">
      <h2 id="evidence-files">{t.archive}</h2>
      <p class="together">
        <Copy text={handOverText(run, note)} label={texts.value.handOver.copy} />
        <span class="quiet">{t.handOverHint}</span>
      </p>
      <dl class="facts">
        <Fact name={t.head}>
          <code class="digest">{head}</code> {head !== null && <Copy text={head} />}
          <div class="quiet">{t.headHint}</div>
        </Fact>
        <Fact name={t.prefix}>
          <code>{prefix}</code>
          {generation !== null && <div class="quiet">{t.generation(count(generation))}</div>}
        </Fact>
        <Fact name={t.elsewhere}>
          <code class="prose">{verifyCommand(run, "\n")}</code> <Copy text={verifyCommand(run, " && ")} />
        </Fact>
      </dl>
    </section>
  );
}

function Numbers({ run }: { run: RunStatusAnswer }) {
  const t = texts.value.evidence;
  const words = t.numbers;
  return (
    <section aria-labelledby="evidence-numbers">
      <h2 id="evidence-numbers">{t.numbersTitle}</h2>
      <p>{readSum(run)}</p>
      <div class="proven">
        <Table
          label={t.numbersTitle}
          columns={[
            { key: "name", head: t.number, cell: ({ key }) => words[key].name },
            { key: "value", head: t.value, isNumber: true, cell: ({ value }) => count(value) },
            { key: "proves", head: t.proves, cell: (number) => meaningOf(number)[0] },
            { key: "not", head: t.provesNot, cell: (number) => meaningOf(number)[1] },
          ]}
          rows={provenNumbers(run)}
          rowKey={({ key }) => key}
        />
      </div>
    </section>
  );
}
