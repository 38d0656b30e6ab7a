// Notices for tests, one of each type.
import type { Notice, RunNoticeData } from "../../src/contract/notices.ts";

export const RUN = "20260422T140000Z_20260422T150000Z_20260423T010203Z";
const EVENT_AT = Date.parse("2026-04-22T19:03:11Z");

export function runNotice(over: Partial<RunNoticeData> = {}): Notice & { data: RunNoticeData } {
  const data: RunNoticeData = {
    run: RUN,
    event: 412,
    dry_run: false,
    stage_code: "needs_attention",
    state_reason: { code: "held_batches", detail: "3 held batches" },
    problems: { held_batches: 3 },
    summary: "needs attention: 1,240,000 of 1,243,000 lines delivered (held_batches: 3 held batches)",
    window: { start: "2026-04-22T14:00:00Z", end: "2026-04-22T15:00:00Z", end_exclusive: false },
    log_lines_sent: 1_240_000,
    lines_left: 3_000,
    exceptions: 0,
    actor: "system",
    ...over,
  };
  return { id: `${RUN}.412`, type: "run.needs_attention", at: EVENT_AT, data };
}

export function holeNotice(holes: number): Notice {
  const shown = Array.from({ length: Math.min(holes, 20) }, (_, n) => ({
    id: n + 1,
    start: `2026-04-22T${String(n).padStart(2, "0")}:00:00Z`,
    end: `2026-04-22T${String(n).padStart(2, "0")}:10:00Z`,
    files: 14,
    state: "proposed",
  }));
  const data = { event: 7, holes: shown, holes_total: holes };
  return { id: "coverage.7", type: "coverage.hole_found", at: EVENT_AT, data };
}

const TEST_NOTICE: Notice = { id: "test.1", type: "test", at: EVENT_AT, data: { actor: "li.wei" } };

/** One notice of each type. */
export const NOTICES: readonly Notice[] = [
  runNotice(),
  { ...runNotice({ stage_code: "aborted", state_reason: null, problems: {}, actor: "li.wei" }), type: "run.aborted" },
  { ...runNotice({ stage_code: "sent_waiting_cleanup", state_reason: null, problems: {}, exceptions: 2 }), type: "run.delivered" },
  { ...runNotice({ stage_code: "suspended", state_reason: { code: "receiver_http_502", detail: "" }, problems: {} }), type: "run.suspended" },
  { ...runNotice({ stage_code: "sending", state_reason: null, problems: {} }), type: "run.resumed" },
  holeNotice(3),
  { ...holeNotice(1), type: "coverage.replay_queued" } as Notice,
  TEST_NOTICE,
]; // prettier-ignore
