// The types of all answers of the HTTP API, for the page and the command line. Other files of this folder contain the
// schemas. The types are inferred from these schemas, and clients do not load the schemas.
export type { HealthAnswer, MeAnswer } from "./access.ts";
export type {
  AutoReplayAnswer,
  CoverageAnswer,
  CoverageFile,
  CoverageFilesAnswer,
  CoverageHole,
  PossibleHole,
  Proposal,
} from "./coverage.ts";
export type { DoctorAnswer } from "./doctor.ts";
export type { EventItem, EventListAnswer } from "./events.ts";
export type { NotificationsAnswer, TestMessagesAnswer } from "./notifications.ts";
export type { PlanAnswer } from "./plan.ts";
export type { ProblemAnswer, ProblemCode, ProblemError } from "./problem.ts";
export type { RayAnswer, SampleAnswer } from "./run-lines.ts";
export type {
  AttemptItem,
  BatchItem,
  BatchListAnswer,
  LedgerLine,
  RunItem,
  RunListAnswer,
} from "./run-lists.ts";
export type { FileItem, FileListAnswer, MalformedLine, MalformedListAnswer } from "./run-files.ts";
export type { StatsAnswer } from "./stats.ts";
export type { RunMapAnswer } from "./run-map.ts";
export type { SeriesAnswer, SeriesPoint } from "./run-series.ts";
export type { CommandAnswer, RawRunAnswer, RunStatusAnswer } from "./run-status.ts";
export type { SystemAnswer, SystemReceiver, SystemVar } from "./system.ts";
export type {
  OverlapItem,
  Queue,
  QueueAnswer,
  QueueWindowsAnswer,
  WindowAnswer,
  WindowItem,
  WindowListAnswer,
  WindowOutcome,
} from "./windows.ts";
