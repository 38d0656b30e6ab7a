// The paths of the API for coverage, plans and the window queue.
import type {
  AutoReplayAnswer, CoverageAnswer, CoverageFilesAnswer, PlanAnswer, QueueWindowsAnswer, RunStatusAnswer,
} from "../../contract/api/api-types.ts"; // prettier-ignore
import { queryText, type Path } from "./paths.ts";

export const planPaths = {
  /** The span may be one hour long at most. */
  coverageFiles: (span: { start: string; end: string }) =>
    `/coverage/files${queryText({ start: span.start, end: span.end })}` as Path<CoverageFilesAnswer>,
  refresh: "/coverage/refresh" as Path<CoverageAnswer>,
  switchAutoReplay: "/auto-replay" as Path<AutoReplayAnswer>,
  plan: "/runs/plan" as Path<PlanAnswer>,
  start: "/runs" as Path<RunStatusAnswer>,
  queue: "/windows" as Path<QueueWindowsAnswer>,
};
