// Says how it is known whether a line was sent twice, and what was not checked. All numbers and facts come from the API.
// Does no I/O.
import type { RunStatusAnswer } from "../../../contract/api/api-types.ts";
import { sendsToPartner } from "../../state/receiver-names.ts";
import { count } from "../../text/numbers.ts";
import { sentences } from "../../text/punctuation.ts";
import { texts } from "../../text/texts.ts";

/** `isBad`: lines were sent twice, or may have been. */
export interface TwiceRow {
  name: string;
  value: string;
  isBad?: boolean;
}

/** The answer in one sentence. */
export function twiceVerdict(run: RunStatusAnswer): Omit<TwiceRow, "name"> {
  const t = texts.value.twice;
  const { duplicate_lines: sure, possible_duplicate_lines: maybe, uncertain_attempts: uncertain } = run;
  if (sure + maybe > 0) return { value: t.some(count(sure), count(maybe)), isBad: true };
  if (run.replay) return { value: t.onPurpose, isBad: true };
  if (uncertain > 0) return { value: t.noneSure(count(uncertain)) };
  if (run.lines.sent === 0) return { value: t.nothingSent };
  if (run.deduped_lines) return { value: t.onlyRemembered(count(run.deduped_lines)) };
  return { value: run.live || !sendsToPartner(run) ? t.none : t.noneByRun };
}

export function twiceRows(run: RunStatusAnswer): TwiceRow[] {
  const t = texts.value.twice;
  const { uncertain_attempts: uncertain, duplicate_lines: sure, possible_duplicate_lines: maybe } = run;
  const { assumed_not_delivered_attempts: assumed } = run;
  const after = uncertain === 0 ? [] : [afterUncertain(run)];
  return [
    ...liveRows(run),
    { name: t.earlier, value: earlierRuns(run) },
    { name: t.uncertain, value: [count(uncertain), ...after].join(" · ") },
    { name: t.duplicates, value: count(sure), isBad: sure > 0 },
    { name: t.possible, value: count(maybe), isBad: maybe > 0 },
    ...(run.deduped_lines ? [{ name: t.sentAgain, value: count(run.deduped_lines) }] : []),
    ...(assumed > 0 ? [{ name: t.assumed, value: t.assumedOf(count(assumed)) }] : []),
    { name: t.notChecked, value: notChecked(run) },
    ...(run.live ? [{ name: t.risk, value: t.marker }] : []),
  ];
}

/** What became of batches with an unknown outcome. */
function afterUncertain({ limits, lines }: RunStatusAnswer): string {
  const t = texts.value.twice;
  if (limits.on_uncertain !== "hold") return t.resent;
  return lines.held > 0 ? t.held : t.decided;
}

function liveRows(run: RunStatusAnswer): TwiceRow[] {
  const { live, lines } = run;
  const t = texts.value.twice;
  if (!live) return [{ name: t.liveSkipped, value: sendsToPartner(run) ? t.ignored : t.otherReceiver }];
  const files = count(live.proving_files);
  const proof = { files: t.byFiles(files), operator: t.byOperator(files) };
  const [sent, meanwhile] = [live.lines_sent_while_waiting, live.live_delivered_meanwhile.lines];
  return [
    {
      name: t.liveSkipped,
      value: t.skipped(count(lines.dropped.delivered_live), count(live.files_with_markers)),
    },
    {
      name: t.size,
      value: sentences(
        t.sizeOf(count(live.batch_size)),
        live.proven_by === null ? t.byNobody : proof[live.proven_by],
      ),
    },
    ...(sent + meanwhile > 0
      ? [{ name: t.waitedName, value: t.waited(count(sent), count(meanwhile)), isBad: true }]
      : []),
  ];
}

function earlierRuns({ replay, lines }: RunStatusAnswer): string {
  const t = texts.value.twice;
  const inherited = lines.inherited > 0 ? t.earlierContinued(count(lines.inherited)) : null;
  if (replay) return sentences(t.earlierReplay, ...(inherited === null ? [] : [inherited]));
  return inherited ?? t.earlierNone;
}

/** What no part of the system compares. A reader must not take the numbers for more than they are. */
function notChecked({ spec, repeated_ray_ids: repeated }: RunStatusAnswer): string {
  const t = texts.value.twice;
  const parts = [t.rays(count(repeated))];
  if (spec.dedupe === "file") parts.push(t.raysDropped);
  return sentences(...parts);
}
