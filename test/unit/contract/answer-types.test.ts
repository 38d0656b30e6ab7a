// The schemas of answers and the types of the code describe the same members. The compiler compares them in both
// directions, so `npm run typecheck` fails when one of them gets a member that the other lacks.
import * as v from "valibot";
import { expect, it } from "vitest";
import type { AutoReplayView } from "../../../src/contract/auto-replay.ts";
import type * as api from "../../../src/contract/api/api-types.ts";
import { PROBLEM_STATUS } from "../../../src/contract/api/problem.ts";
import { RunStatusAnswer } from "../../../src/contract/api/run-status.ts";
import type { CoverageFilesView } from "../../../src/contract/coverage.ts";
import type { NotificationsView, TestOutcome } from "../../../src/contract/notifications.ts";
import type { RayDelivery } from "../../../src/contract/rays.ts";
import type { RunSummary } from "../../../src/contract/registry.ts";
import type { CoverageWithRuns } from "../../../src/contract/service.ts";
import type { RunMapView } from "../../../src/contract/run-map.ts";
import type { SeriesView } from "../../../src/contract/series.ts";
import type { StatsView } from "../../../src/contract/stats.ts";
import type { Json, Page } from "../../../src/contract/states.ts";
import type { BatchView, EventView, FileView, RunStatus, SampleView } from "../../../src/contract/views.ts";
import type { QueueView, WindowDetail, WindowOutcome, WindowView } from "../../../src/contract/windows.ts";
import type { FieldError } from "../../../src/http/problems/field-errors.ts";
import { problemOf, type Refusal } from "../../../src/http/problems/problems.ts";
import { aStatus } from "../../support/registry-fixtures.ts";

/** Writes out intersections and `extends`, so that only the members count. `Json` refers to itself, so it stays. */
type Plain<T> = [Json] extends [T] ? "json" : T extends object ? { [Key in keyof T]: Plain<T[Key]> } : T;
/** True only for identical types. Assignability would not see an optional member that one of them lacks. */
type IsSame<A, B> =
  (<T>() => T extends Plain<A> ? 1 : 2) extends <T>() => T extends Plain<B> ? 1 : 2 ? true : false;

/** Compiles only when the answer's type is the type of the code. */
function same<Answer, View>(_isSame: IsSame<Answer, View>): void {}

it("describes each answer with exactly the members of its type", () => {
  same<api.RunStatusAnswer, RunStatus>(true);
  same<api.CommandAnswer, RunStatus & { changed: number; skipped: number; under_way: boolean }>(true);
  same<api.RunListAnswer, Page<RunSummary>>(true);
  same<api.FileListAnswer, Page<FileView>>(true);
  same<api.BatchListAnswer, Page<BatchView>>(true);
  same<api.EventListAnswer, Page<EventView>>(true);
  same<api.MalformedListAnswer, Page<SampleView>>(true);
  same<Pick<api.RayAnswer["found"][number], keyof RayDelivery>, RayDelivery>(true);
  same<api.SeriesAnswer, SeriesView>(true);
  same<api.StatsAnswer, StatsView>(true);
  same<api.RunMapAnswer, RunMapView>(true);
  same<api.CoverageAnswer, CoverageWithRuns>(true);
  same<api.CoverageFilesAnswer, CoverageFilesView>(true);
  same<api.AutoReplayAnswer, AutoReplayView>(true);
  same<api.NotificationsAnswer, NotificationsView>(true);
  same<api.TestMessagesAnswer["outcomes"][number], TestOutcome>(true);
  same<api.Queue, QueueView>(true);
  same<api.QueueAnswer, QueueView & { receiver: string }>(true);
  same<api.WindowOutcome, WindowOutcome>(true);
  same<api.WindowListAnswer, Page<WindowView> & { queue: QueueView; receiver: string }>(true);
  same<api.WindowAnswer, WindowDetail & { receiver: string }>(true);
  same<api.ProblemError, FieldError>(true);
  same<api.ProblemCode, Refusal["code"]>(true);
  // @ts-expect-error -- the comparison sees an optional member that one side lacks
  same<{ a: string; b?: number }, { a: string }>(true);
});

it("accepts a status, and no member that it does not name", () => {
  const status = aStatus("20300422T140000Z_20300422T150000Z_20300423T010203Z");
  expect(v.safeParse(RunStatusAnswer, status).issues).toBeUndefined();
  expect(v.safeParse(RunStatusAnswer, { ...status, further: 1 }).success).toBe(false);
  expect(v.safeParse(RunStatusAnswer, { ...status, id: "x" }).success).toBe(false);
});

it("knows the status of each problem", () => {
  const refusals: Refusal[] = [
    { code: "unauthorized", given: true },
    { code: "internal_error" },
    { code: "disabled" },
    { code: "cross_site" },
    { code: "slot_taken", run: "x" },
  ];
  for (const refusal of refusals) expect(problemOf(refusal).status).toBe(PROBLEM_STATUS[refusal.code]);
});
