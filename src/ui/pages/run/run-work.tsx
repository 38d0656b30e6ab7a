// Shows when a run worked, how much it did, and what this cost.
import type { ComponentChildren } from "preact";
import type { RunStatusAnswer } from "../../../contract/api/api-types.ts";
import { Instant, Window } from "../../parts/instant.tsx";
import { bytes, count, duration, UNKNOWN } from "../../text/numbers.ts";
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
        <Fact name={t.actor}>{run.actor}</Fact>
        <Fact name={t.note}>
          <span class="prose">{run.note ?? UNKNOWN}</span>
        </Fact>
        <Fact name={t.since}>
          <Instant at={run.stage_since} />
        </Fact>
        <Fact name={t.deliveredAt}>
          <Instant at={run.delivered_at} />
        </Fact>
        <Fact name={t.endedAt}>
          <Instant at={run.ended_at} />
        </Fact>
        <Fact name={t.duration}>{duration(run.duration_seconds)}</Fact>
        <Fact name={t.filesRaw}>{count(run.matched_raw_files)}</Fact>
        <Fact name={t.bytesRead}>{run.bytes ? t.atLeast(bytes(run.bytes.read)) : UNKNOWN}</Fact>
        <Fact name={t.bytesSent}>{run.bytes ? t.atLeast(bytes(run.bytes.sent)) : UNKNOWN}</Fact>
        <Fact name={t.cost}>{cost ? t.atLeast(t.usd(cost.counted.toFixed(4))) : UNKNOWN}</Fact>
        {run.cleanup.ends_at !== null && (
          <Fact name={t.cleanupAt}>
            <Instant at={run.cleanup.ends_at} />
          </Fact>
        )}
        {check && (
          <Fact name={t.checked}>
            <Instant at={check.as_of} />
            {": "}
            {check.differences.length === 0
              ? t.checkedEqual(count(check.batches))
              : t.checkedDiffers(count(check.differences.length))}
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
