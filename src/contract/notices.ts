// The content of a notification, before any channel or language is chosen. Plain data. Names of `data` are snake_case,
// because a channel of the kind "standard" sends them unchanged. A notice never contains the detail of a state reason:
// such a detail may quote the receiver's answer.
import type { Span } from "./span.ts";
import type { Stage } from "./states.ts";

export const RUN_NOTICES = [
  "run.needs_attention",
  "run.aborted",
  "run.delivered",
  "run.suspended",
  "run.resumed",
] as const;
export type RunNoticeType = (typeof RUN_NOTICES)[number];

export const COVERAGE_NOTICES = ["coverage.hole_found", "coverage.replay_queued"] as const;
export type CoverageNoticeType = (typeof COVERAGE_NOTICES)[number];

/** The types that a channel may choose from. A test message reaches every channel. */
export const NOTICE_TYPES = [...RUN_NOTICES, ...COVERAGE_NOTICES] as const;
export type NoticeType = (typeof NOTICE_TYPES)[number];

export interface RunNoticeData {
  run: string;
  /** The number of the run's event that this notice is about. */
  event: number;
  /** The name of the receiver. Absent in notices of earlier code, whose runs send to the first receiver. */
  receiver?: string;
  dry_run: boolean;
  stage_code: Stage;
  /** `detail` contains only counts, such as "3 held batches". It may be empty. */
  state_reason: { code: string; detail: string } | null;
  /** Files and batches that wait for an operator, by code, such as {"held_batches": 3}. */
  problems: { [code: string]: number };
  summary: string;
  window: Span & { end_exclusive: boolean };
  log_lines_sent: number;
  /** Lines that the run has kept and not settled. */
  lines_left: number;
  exceptions: number;
  /** Who aborted the run. "system" for every other event. */
  actor: string;
}

export interface CoverageNoticeData {
  /** The number of the event of GET /auto-replay that this notice is about. */
  event: number;
  /** At most MAX_SHOWN_HOLES, oldest first. `end` is outside. */
  holes: (Span & { id: number; files: number; state: string })[];
  holes_total: number;
}

/** `id` of a hole is the number of its proposal in GET /auto-replay. */
export type NoticeHole = CoverageNoticeData["holes"][number];

/** `id` is the same on every delivery of the notice. `at`: epoch ms of the event. */
export type Notice =
  | { id: string; type: RunNoticeType; at: number; data: RunNoticeData }
  | { id: string; type: CoverageNoticeType; at: number; data: CoverageNoticeData }
  | { id: string; type: "test"; at: number; data: { actor: string } };

export type RunNotice = Extract<Notice, { type: RunNoticeType }>;
export type CoverageNotice = Extract<Notice, { type: CoverageNoticeType }>;

/** The method of a run and of Coverage that the Notifier calls. */
export interface NoticeOwnerApi {
  /** A channel did not get the notice about this event. */
  notificationGivenUp(event: number, channel: string): Promise<void>;
}

export const MAX_SHOWN_HOLES = 20;

/** The Worker sends at most one notice per subject, type and code within this time. A later notice waits until this
 * time has passed. */
export const NOTICE_INTERVAL_MS = 900_000;

/** The owner of a notice, from its id: a run, Coverage, or none. The event number of the notice is the part of its
 * id after the last dot. */
export function ownerOf(
  id: string,
): { kind: "run"; run: string; event: number } | { kind: "coverage"; event: number } | null {
  const [, owner = "", event = ""] = /^(.+)\.(\d+)$/.exec(id) ?? [];
  if (event === "") return null;
  return owner === COVERAGE_OWNER
    ? { kind: "coverage", event: Number(event) }
    : { kind: "run", run: owner, event: Number(event) };
}

export const COVERAGE_OWNER = "coverage";
