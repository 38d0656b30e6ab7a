// Shows what watching for holes has found and done. Never writes.
import type { AutoReplayProposal, AutoReplayView } from "../../../src/contract/auto-replay.ts";
import type { CoverageRange } from "../../../src/contract/coverage.ts";
import { iso } from "../../../src/contract/instants.ts";
import type { Config } from "../../../src/platform/config.ts";
import type { AutoReplay, LastDayCheck, Switch } from "./auto-replay.ts";
import type { AutoRows, AutoWindow } from "./auto-rows.ts";
import { textOf } from "./decide.ts";
import type { Proof, Waits } from "./replay-queue.ts";

const MOST_SHOWN = 100;

export function proposalsIn(rows: AutoRows, { startMs, endMs }: CoverageRange): AutoReplayProposal[] {
  return rows.windows([startMs, endMs], MOST_SHOWN).map(proposalOf);
}

export function autoReplayView(
  rows: AutoRows,
  auto: AutoReplay,
  config: Config,
  now: number,
): AutoReplayView {
  const switched = rows.memo<Switch>("switch");
  const check = rows.memo<LastDayCheck>("look");
  const proof = rows.memo<Proof>("proof");
  const nextAt = auto.nextLookAt(config, now);
  const mode = auto.modeOf(config);
  return {
    mode,
    deployed: config.autoReplay,
    switched:
      switched?.deployed === config.autoReplay
        ? { at: iso(switched.at), actor: switched.actor, note: switched.note }
        : null,
    after_minutes: config.autoReplayAfterMs / 60_000,
    max_lines_per_second: config.autoReplayMaxLinesPerSecond,
    live_batch_size: config.liveBatchSize,
    proven_by: proof !== null && proof.size === config.liveBatchSize ? proof.run : null,
    waits_for: mode === "off" ? null : rows.memo<Waits>("waits"),
    looked_at: check?.isDone ? iso(check.begunAt) : null,
    next_look_at: nextAt === null ? null : iso(nextAt),
    proposals: rows.windows([0, Number.MAX_SAFE_INTEGER], MOST_SHOWN).map(proposalOf),
    events: rows.events(MOST_SHOWN),
  };
}

function proposalOf({
  id,
  span,
  state,
  files,
  proposedAt,
  changedAt,
  window,
  detail,
}: AutoWindow): AutoReplayProposal {
  return {
    id,
    ...textOf(span),
    state,
    files,
    proposed_at: iso(proposedAt),
    changed_at: iso(changedAt),
    window,
    detail,
  };
}
