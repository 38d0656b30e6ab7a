// Shows the two equations of a run: read = to send + dropped + malformed, and to send = delivered + pending + held +
// refused + discarded. The API computes the sums. The page only draws them.
import type { RunStatusAnswer } from "../../../contract/api/api-types.ts";
import type { DropReason } from "../../../contract/file-counts.ts";
import { heldTone } from "../../state/batch-waits.ts";
import { batchTone } from "../../state/row-states.ts";
import type { WholeRun } from "../../state/run-share.ts";
import { Bar, type Segment } from "../../parts/bar.tsx";
import { Fact } from "../../parts/detail.tsx";
import { count } from "../../text/numbers.ts";
import { named } from "../../text/punctuation.ts";
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
      <Meanings run={run} />
      {!run.dry_run && run.exceptions > 0 && (
        <p class="tone-amber">{named(t.exceptions, count(run.exceptions))}</p>
      )}
    </section>
  );
}

/** What the records are that are read and not sent. */
function Meanings({ run: { lines } }: { run: RunStatusAnswer }) {
  const t = texts.value.run;
  const words = texts.value.meanings;
  const shown = [
    ...droppedReasons(lines).map((reason) => [t.dropped[reason], words[reason]] as const),
    ...(lines.malformed > 0 ? [[t.malformed, words.malformed] as const] : []),
  ];
  if (shown.length === 0 || lines.read === 0) return null;
  return (
    <dl class="facts meanings">
      {shown.map(([name, meaning]) => (
        <Fact key={name} name={name}>
          {meaning}
        </Fact>
      ))}
    </dl>
  );
}

/** The reasons that apply to at least one record. */
function droppedReasons({ dropped }: RunStatusAnswer["lines"]): DropReason[] {
  const reasons = Object.keys(texts.value.run.dropped) as DropReason[];
  return reasons.filter((reason) => dropped[reason] > 0);
}

function keptSegments(run: RunStatusAnswer, whole: WholeRun): Segment[] {
  const t = texts.value.run;
  const { lines } = run;
  return [
    { key: "sent", label: t.sent, value: lines.sent, tone: batchTone("done") },
    { key: "pending", label: t.pending, value: lines.pending, tone: batchTone("pending") },
    { key: "held", label: t.held, value: lines.held, tone: heldTone(run) },
    { key: "refused", label: t.refused, value: lines.refused, tone: batchTone("refused") },
    { key: "discarded", label: t.discarded, value: lines.discarded, tone: batchTone("discarded") },
    ...(whole.lines > lines.kept
      ? [{ key: "unread", label: t.unread, value: whole.lines - lines.kept, tone: "idle" } as const]
      : []),
  ];
}

function readSegments({ lines }: RunStatusAnswer): Segment[] {
  const t = texts.value.run;
  return [
    { key: "kept", label: t.kept, value: lines.kept, tone: "green" },
    ...droppedReasons(lines).map((reason): Segment => ({
      key: reason,
      label: t.dropped[reason],
      value: lines.dropped[reason],
      tone: "idle",
    })),
    { key: "malformed", label: t.malformed, value: lines.malformed, tone: "red" },
  ];
}
