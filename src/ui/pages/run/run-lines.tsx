// Shows the two equations of a run: read = to send + dropped + malformed, and to send = delivered + pending + held +
// refused + discarded. The API computes the sums. The page only draws them.
import type { RunStatusAnswer } from "../../../contract/api/api-types.ts";
import type { DropReason } from "../../../contract/file-counts.ts";
import { batchTone } from "../../state/row-states.ts";
import type { WholeRun } from "../../state/run-share.ts";
import { Bar, type Segment } from "../../parts/bar.tsx";
import { count } from "../../text/numbers.ts";
import { texts } from "../../text/texts.ts";
import { useWholeRun } from "./use-whole-run.ts";

export function RunLines({ run }: { run: RunStatusAnswer }) {
  const t = texts.value.run;
  const { lines } = run;
  const whole = useWholeRun(run);
  return (
    <section aria-labelledby="run-lines">
      <h2 id="run-lines">{t.linesTitle}</h2>
      {/* A dry run sends nothing, and discards every line. */}
      {!run.dry_run && (
        <Bar
          label={t.kept}
          total={whole.lines}
          {...(!whole.isExact && { about: t.about })}
          segments={keptSegments(run, whole)}
        />
      )}
      <Bar label={t.read} total={lines.read} segments={readSegments(run)} />
      {!run.dry_run && (
        <dl class="facts across">
          <Fact name={t.duplicates} value={run.duplicate_lines} isBad />
          <Fact name={t.possible} value={run.possible_duplicate_lines} isBad />
          {run.deduped_lines ? <Fact name={t.sentAgain} value={run.deduped_lines} /> : null}
          <Fact name={t.uncertain} value={run.uncertain_attempts} />
          <Fact name={t.exceptions} value={run.exceptions} isBad />
        </dl>
      )}
    </section>
  );
}

function Fact({ name, value, isBad }: { name: string; value: number; isBad?: boolean }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd class={isBad && value > 0 ? "tone-amber" : undefined}>{count(value)}</dd>
    </div>
  );
}

function keptSegments({ lines }: RunStatusAnswer, whole: WholeRun): Segment[] {
  const t = texts.value.run;
  return [
    { key: "sent", label: t.sent, value: lines.sent, tone: batchTone("done") },
    { key: "pending", label: t.pending, value: lines.pending, tone: batchTone("pending") },
    { key: "held", label: t.held, value: lines.held, tone: batchTone("held") },
    { key: "refused", label: t.refused, value: lines.refused, tone: batchTone("refused") },
    { key: "discarded", label: t.discarded, value: lines.discarded, tone: batchTone("discarded") },
    ...(whole.lines > lines.kept
      ? [{ key: "unread", label: t.unread, value: whole.lines - lines.kept, tone: "idle" } as const]
      : []),
  ];
}

function readSegments({ lines }: RunStatusAnswer): Segment[] {
  const t = texts.value.run;
  const reasons = Object.keys(t.dropped) as DropReason[];
  const dropped = reasons.filter((reason) => lines.dropped[reason] > 0 || reason === "not_top_level");
  return [
    { key: "kept", label: t.kept, value: lines.kept, tone: "green" },
    ...dropped.map((reason): Segment => ({
      key: reason,
      label: t.dropped[reason],
      value: lines.dropped[reason],
      tone: "idle",
    })),
    { key: "malformed", label: t.malformed, value: lines.malformed, tone: "red" },
  ];
}
