// Watching for holes: the parts of holes that Coverage proposes or queues by itself, and the RPC methods for it.
// Plain data. Names in answers are snake_case, because the API returns the answers unchanged.
import type { Span } from "./span.ts";
import type { Json } from "./states.ts";
import type { ChangedBy } from "./windows.ts";

/** What Coverage does with a hole. "off": nothing. "propose": it records and logs the hole. "queue": it also queues
 * the hole for a replay. */
export const AUTO_REPLAY_MODES = ["off", "propose", "queue"] as const;
export type AutoReplayMode = (typeof AUTO_REPLAY_MODES)[number];

/** The actor of everything that Coverage does by itself. No caller's name begins like this. */
export const AUTO_REPLAY_ACTOR = "system:auto-replay";

/** - proposed: no run replays the part yet.
 * - closed: the part was proposed. The part is no longer a hole now, or a run replays it.
 * - taken_up: the part was proposed. Newer proposals replace it.
 * - queueing: the answer of the queue is not known. The next check asks for it.
 * - queued: the part is in the queue, under the number `window`.
 * - coalesced: the queued window `window` now includes the part.
 * - duplicate: a queued window or an earlier run already covers the whole part.
 * - blocked: the part is in the queue. A run has sent lines of the part, so an operator must decide.
 * - refused: the queue refused the part, for the reason in `detail`.
 * - expired: the part became older than 24 hours before it was queued. */
export const AUTO_REPLAY_STATES = [
  "proposed",
  "closed",
  "taken_up",
  "queueing",
  "queued",
  "coalesced",
  "duplicate",
  "blocked",
  "refused",
  "expired",
] as const;
export type AutoReplayState = (typeof AUTO_REPLAY_STATES)[number];

/** A hole, or the new part of a hole. `end` is exclusive. */
export interface AutoReplayProposal extends Span {
  id: number;
  state: AutoReplayState;
  /** How many raw files start in the cells of the part. */
  files: number;
  proposed_at: string;
  changed_at: string;
  /** The number of the part's window in the queue. */
  window: number | null;
  detail: string | null;
}

/** "system:auto-replay" for what Coverage did by itself. */
export interface AutoReplayEvent {
  event: number;
  at: string;
  actor: string;
  kind: string;
  detail: { [key: string]: Json };
}

export interface AutoReplayView {
  mode: AutoReplayMode;
  /** The value of the var AUTO_REPLAY. A deployment that changes it ends an earlier switch. */
  deployed: AutoReplayMode;
  switched: { at: string; actor: string; note: string | null } | null;
  after_minutes: number;
  max_lines_per_second: number;
  live_batch_size: number | null;
  /** The run whose files prove the size of the live worker's batches. */
  proven_by: string | null;
  /** Why Coverage queues nothing now, although its mode is "queue". Null: Coverage queues holes. */
  waits_for: { code: string; detail: string } | null;
  looked_at: string | null;
  next_look_at: string | null;
  /** The newest 100. */
  proposals: AutoReplayProposal[];
  /** The newest 100. */
  events: AutoReplayEvent[];
}

export interface AutoReplayApi {
  autoReplay(): Promise<AutoReplayView>;
  switchAutoReplay(mode: AutoReplayMode, by: ChangedBy): Promise<AutoReplayView>;
  /** Called for API requests while AUTO_REPLAY is on. Arms the clock when it has no alarm. */
  wake(): Promise<void>;
}
