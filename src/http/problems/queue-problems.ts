// The refusals of the window queue, and their answers. problems.ts joins the refusals of all files.
import { clipped } from "./bounded-problem.ts";
import type { Problem } from "./problem.ts";

export type QueueRefusal =
  | { code: "unknown_window"; window: string }
  | { code: "window_wrong_state" | "queue_full" | "no_raw_files"; detail: string }
  | { code: "live_mode_needed"; pointer: string; detail: string }
  | { code: "coverage_incomplete"; retryAfterMs: number };

export function queueProblem(refusal: QueueRefusal): Problem {
  switch (refusal.code) {
    case "unknown_window": {
      const detail = `no window ${clipped(refusal.window, 100)} in the queue`;
      return { status: 404, title: "Unknown window", detail };
    }
    case "window_wrong_state":
      return { status: 409, title: "Not in this state", detail: refusal.detail };
    case "queue_full":
      return { status: 429, title: "The queue is full", detail: refusal.detail };
    case "no_raw_files":
      return { status: 409, title: "There is nothing to replay", detail: refusal.detail };
    case "live_mode_needed": {
      const { pointer, detail } = refusal;
      const title = "Say what to do with lines that the live worker delivered";
      return { status: 422, title, detail, more: { errors: [{ pointer, detail }] } };
    }
    case "coverage_incomplete": {
      const seconds = Math.max(1, Math.ceil(refusal.retryAfterMs / 1_000));
      return {
        status: 409,
        title: "Coverage is not complete",
        detail: `the holes of this range are not known yet and nothing is queued; repeat the request in ${seconds} s`,
        more: { retry_after_seconds: seconds },
        headers: { "Retry-After": String(seconds) },
      };
    }
  }
}
