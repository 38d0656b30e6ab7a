// The addresses of the API for looking at coverage, and for planning and queueing a replay.
import type {
  AutoReplayAnswer, CoverageAnswer, CoverageFilesAnswer, PlanAnswer, QueueWindowsAnswer, RunStatusAnswer,
} from "../../contract/api/api-types.ts"; // prettier-ignore
import { queryText, type Path } from "./paths.ts";

export const planPaths = {
  /** At most one hour. */
  coverageFiles: (span: { start: string; end: string }) =>
    `/coverage/files${queryText({ start: span.start, end: span.end })}` as Path<CoverageFilesAnswer>,
  refresh: "/coverage/refresh" as Path<CoverageAnswer>,
  switchAutoReplay: "/auto-replay" as Path<AutoReplayAnswer>,
  plan: "/runs/plan" as Path<PlanAnswer>,
  start: "/runs" as Path<RunStatusAnswer>,
  queue: "/windows" as Path<QueueWindowsAnswer>,
};
