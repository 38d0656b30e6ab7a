// Shows when a run worked, how much it did, and what this cost.
import type { ComponentChildren } from "preact";
import type { RunStatusAnswer } from "../../../contract/api/api-types.ts";
import { Instant, Window } from "../../parts/instant.tsx";
import { bytes, count, duration, UNKNOWN } from "../../text/numbers.ts";
import { actorText, named } from "../../text/punctuation.ts";
import { texts } from "../../text/texts.ts";

export function RunWork({ run }: { run: RunStatusAnswer }) {
  const t = texts.value.run;
  const cost = run.cost_usd;
  const check = run.verification.last;
  return (
    <section aria-labelledby="run-work">
      <h2 id="run-work">{t.workTitle}</h2>
      <dl class="facts">
        <Fact name={t.created}>
          <Instant at={run.created_at} />
        </Fact>
        <Fact name={t.actor}>{actorText(run.actor)}</Fact>
        {run.spec.receiver && (
          <Fact name={t.receiverKind}>
            <code>{run.spec.receiver.kind}</code>
          </Fact>
        )}
        <Fact name={t.note}>
          <span class="prose">{run.note ?? UNKNOWN}</span>
        </Fact>
        <Fact name={t.since}>
          <Instant at={run.stage_since} />
        </Fact>
        {run.delivered_at !== null && (
          <Fact name={t.deliveredAt}>
            <Instant at={run.delivered_at} />
          </Fact>
        )}
        {endOf(run) !== null && (
          <Fact name={run.delivered_at === null ? t.endedAt : t.cleanedAt}>
            <Instant at={endOf(run)} />
          </Fact>
        )}
        <Fact name={t.duration}>{duration(run.duration_seconds)}</Fact>
        <Fact name={t.filesRaw}>
          <RawFiles run={run} />
        </Fact>
        <Fact name={t.bytesRead}>{run.bytes ? t.atLeast(bytes(run.bytes.read)) : UNKNOWN}</Fact>
        {!run.dry_run && (
          <Fact name={t.bytesSent}>{run.bytes ? t.atLeast(bytes(run.bytes.sent)) : UNKNOWN}</Fact>
        )}
        <Fact name={t.cost}>{cost ? t.atLeast(t.usd(cost.counted.toFixed(4))) : UNKNOWN}</Fact>
        {run.cleanup.ends_at !== null && (
          <Fact name={t.cleanupAt}>
            <Instant at={run.cleanup.ends_at} />
          </Fact>
        )}
        {check && (
          <Fact name={t.checked}>
            <Instant at={check.as_of} />
            {named(
              "",
              check.differences.length === 0
                ? t.checkedEqual(count(check.batches))
                : t.checkedDiffers(count(check.differences.length)),
            )}
          </Fact>
        )}
        {run.uncovered && run.uncovered.length > 0 && (
          <Fact name={t.uncovered}>
            {run.uncovered.map(({ start, end }) => (
              <div key={start}>
                <Window start={start} end={end} isEndOutside />
              </div>
            ))}
            {run.uncovered.length >= 20 && t.uncoveredMore}
          </Fact>
        )}
      </dl>
    </section>
  );
}

function Fact({ name, children }: { name: string; children: ComponentChildren }) {
  return (
    <>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </>
  );
}

/** When the run ended. A delivered run ends when it is cleaned up. Null: the run still works, and no end is shown. */
function endOf({ ended_at: endedAt, stage_code: stage, stage_since: since }: RunStatusAnswer): string | null {
  return endedAt ?? (stage === "aborted" || stage === "counted" ? since : null);
}

/** The plan counts the files of the window only. So both numbers are shown with their difference. */
function RawFiles({ run }: { run: RunStatusAnswer }) {
  const t = texts.value.run;
  const all = Object.values(run.files).reduce((sum, files) => sum + files, 0);
  const ofWindow = run.matched_raw_files;
  // No page of the list has arrived yet.
  if (all === 0 && run.complete_as_of === null) return <>{UNKNOWN}</>;
  if (all <= ofWindow) return <>{count(ofWindow)}</>;
  const numbers = [count(all), count(ofWindow), count(all - ofWindow)] as const;
  const { late_margin_minutes: minutes } = run.listing;
  return <>{minutes === 0 ? t.filesTouching(...numbers) : t.filesWithMargin(...numbers, count(minutes))}</>;
}
