// Says in one block how it is known that nothing was sent twice, and what was not checked. All numbers and facts come
// from the API.
import type { ComponentChildren } from "preact";
import type { RunStatusAnswer } from "../../../contract/api/api-types.ts";
import { Fact } from "../../parts/detail.tsx";
import { count } from "../../text/numbers.ts";
import { texts } from "../../text/texts.ts";

export function RunTwice({ run }: { run: RunStatusAnswer }) {
  const t = texts.value.twice;
  const isTwice = run.duplicate_lines + run.possible_duplicate_lines > 0;
  return (
    <section aria-labelledby="run-twice">
      <h2 id="run-twice">{t.title}</h2>
      <p class={isTwice ? "tone-amber" : undefined}>{verdictOf(run)}</p>
      <dl class="facts">
        <LiveFacts run={run} />
        <Fact name={t.earlier}>{earlierOf(run)}</Fact>
        <Fact name={t.uncertain}>
          {count(run.uncertain_attempts)}
          {run.uncertain_attempts > 0 && ` · ${run.limits.on_uncertain === "hold" ? t.held : t.resent}`}
        </Fact>
        <Fact name={t.duplicates}>
          <Lines of={run.duplicate_lines} />
        </Fact>
        <Fact name={t.possible}>
          <Lines of={run.possible_duplicate_lines} />
        </Fact>
        {run.deduped_lines ? <Fact name={t.sentAgain}>{count(run.deduped_lines)}</Fact> : null}
        <Fact name={t.notChecked}>
          {t.rays(count(run.repeated_ray_ids))} {run.spec.dedupe === "file" && t.raysDropped}{" "}
          {run.live && t.marker}
        </Fact>
      </dl>
    </section>
  );
}

function Lines({ of: lines }: { of: number }): ComponentChildren {
  return lines > 0 ? <strong class="tone-amber">{count(lines)}</strong> : count(lines);
}

function verdictOf(run: RunStatusAnswer): string {
  const t = texts.value.twice;
  const { duplicate_lines: twice, possible_duplicate_lines: maybe, uncertain_attempts: uncertain } = run;
  if (twice + maybe > 0) return t.some(count(twice), count(maybe));
  if (uncertain > 0) return t.noneSure(count(uncertain));
  return run.lines.sent === 0 ? t.nothingSent : t.none;
}

function earlierOf({ replay, lines }: RunStatusAnswer): string {
  const t = texts.value.twice;
  if (replay) return t.earlierReplay;
  return lines.inherited > 0 ? t.earlierContinued(count(lines.inherited)) : t.earlierNone;
}

function LiveFacts({ run: { live, spec, lines } }: { run: RunStatusAnswer }) {
  const t = texts.value.twice;
  if (!live) {
    return <Fact name={t.liveSkipped}>{spec.receiver ? t.otherReceiver : t.ignored}</Fact>;
  }
  const files = count(live.proving_files);
  const proof = { files: t.byFiles(files), operator: t.byOperator(files) };
  const [sent, meanwhile] = [live.lines_sent_while_waiting, live.live_delivered_meanwhile.lines];
  return (
    <>
      <Fact name={t.liveSkipped}>
        {t.skipped(count(lines.dropped.delivered_live), count(live.files_with_markers))}
      </Fact>
      <Fact name={t.size}>
        {t.sizeOf(count(live.batch_size))} {live.proven_by === null ? t.byNobody : proof[live.proven_by]}
      </Fact>
      {sent + meanwhile > 0 && <Fact name={t.waitedName}>{t.waited(count(sent), count(meanwhile))}</Fact>}
    </>
  );
}
