// Answers of the API whose types the contract does not have.
import type { CoverageView } from "../../contract/coverage.ts";
import type { RunStatus } from "../../contract/views.ts";
import type { QueueView, WindowOutcome, WindowView } from "../../contract/windows.ts";
import type { Page, Stage } from "../../contract/states.ts";
import type { RayDelivery } from "../../contract/rays.ts";

interface Range {
  low: number;
  high: number;
}

/** POST /runs/plan */
export interface PlanAnswer {
  window: { start: string; end: string; interval: string };
  complete: boolean;
  retry_after_ms: number | null;
  raw: { files: number; bytes: number; span: { start: string; end: string } | null };
  uncovered: { start: string; end: string }[];
  uncovered_seconds: number;
  live: { seen: boolean | null; complete: boolean; files: Record<string, number> | null } | null;
  overlaps: { run: string; start: string; end: string; stage_code: Stage }[];
  slot: { holder: string | null };
  lines: Range & { bytes_per_line: { from: { run: string; files: number } | null } };
  batches: Range;
  minutes_at_cap: Range;
  cost_usd: Range;
  warnings: { code: string; detail: string }[];
}

/** The answer of an operator's command about a run. */
export interface CommandAnswer extends RunStatus {
  changed?: number;
  skipped?: number;
  under_way?: boolean;
}

export interface QueueListAnswer extends Page<WindowView> {
  queue: QueueView;
}

export interface QueueAnswer {
  outcomes: WindowOutcome[];
  queue: QueueView;
}

export interface CoverageAnswer extends CoverageView {
  runs: { id: string; start: string; end: string; stage_code: Stage; delivery_completed: boolean }[];
}

/** One occurrence of a RayID. */
export interface RayFoundAnswer extends RayDelivery {
  file: number;
  key: string;
  line: number;
  fate: string;
  reason: string | null;
  live_marker: string | null;
  text: string | null;
}

export interface RayAnswer {
  ray_id: string;
  found: RayFoundAnswer[];
  looked_at: { file: number; key: string; state: string; result: string; detail: string | null }[];
  next_cursor: string | null;
}

/** GET /runs/:id/sample */
export interface SampleAnswer {
  items: { file: number; key: string; line: number; ray_id: string; text: string }[];
  unread: { file: number; key: string; reason: string }[];
}
