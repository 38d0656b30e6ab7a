// Describes the routes that start, plan, list, show and abort runs.
import { StatsAnswer } from "../../../src/contract/api/stats.ts";
import { STATS_ZONES } from "../../../src/contract/stats.ts";
import * as v from "valibot";
import { PlanAnswer } from "../../../src/contract/api/plan.ts";
import { RunListAnswer } from "../../../src/contract/api/run-lists.ts";
import { RawRunAnswer, RunStatusAnswer } from "../../../src/contract/api/run-status.ts";
import { runFields } from "../../../src/http/runs/run-request.ts";
import { ABORT_FIELDS } from "../../../src/http/runs/runs.ts";
import { schemaNamed } from "../json-schema.ts";
import { PAGE, flag, instant, receiver, states } from "../parameters.ts";
import type { BodyDoc, RouteDoc } from "../route-doc.ts";
import { WIDEST_CONFIG } from "../widest-config.ts";

const WINDOW = { start: "2026-04-22T14:00:00Z", end: "2026-04-22T15:00:00Z" };

const RUN_BODY: BodyDoc = {
  fields: runFields(WIDEST_CONFIG),
  keywords: {
    required: [],
    anyOf: [
      { required: ["start", "end"] },
      { required: ["continue_of"] },
      { required: ["from_plan", "plan_hash"] },
    ],
  },
  example: { ...WINDOW, note: "partner outage" },
};

const WINDOW_PROBLEMS = [
  "window_reversed",
  "window_empty",
  "window_in_future",
  "window_too_long",
  "live_batch_size_needed",
] as const;

export const RUN_ROUTES = {
  "POST /runs": {
    operationId: "startRun",
    tag: "Runs",
    description:
      "Replays the lines of one window. One run for each receiver sends at a time. With `dry_run` the run lists and parses the window and counts its lines, but sends nothing.",
    body: RUN_BODY,
    isKeyed: true,
    answers: {
      201: {
        description: "The run is admitted and starts by itself.",
        schema: RunStatusAnswer,
        headers: ["Location", "Idempotent-Replayed"],
      },
    },
    problems: [
      ...WINDOW_PROBLEMS,
      "idempotency_mismatch",
      "disabled",
      "receiver_not_configured",
      "slot_taken",
      "overlap",
      "not_continuable",
      "dry_run_under_way",
      "plan_not_usable",
      "plan_outdated",
      "start_unconfirmed",
    ],
  },
  "POST /runs/plan": {
    operationId: "planRun",
    tag: "Runs",
    description:
      "Takes the body of `POST /runs` and estimates what such a run would find and cost. A dry run counts exactly.",
    body: RUN_BODY,
    answers: { 200: { description: "The estimate.", schema: PlanAnswer } },
    problems: WINDOW_PROBLEMS,
  },
  "GET /runs": {
    operationId: "listRuns",
    tag: "Runs",
    description:
      "Shows the last progress report of each run, which may be a minute old. Lists the runs of all receivers.",
    query: {
      stage: states("Only runs in one of these stages.", schemaNamed("Stage")),
      since: instant("Only runs created at or after this instant."),
      until: instant("Only runs created at or before this instant."),
      exceptions: flag("`true`: only runs with an exception. `false`: only runs with none."),
      ...receiver("Only runs of this receiver."),
      ...PAGE,
    },
    answers: { 200: { description: "One page of runs.", schema: RunListAnswer } },
    problems: [],
  },
  "GET /stats": {
    operationId: "showStats",
    tag: "Runs",
    description:
      "Adds up the last progress reports of the runs that were created in a range of at most 400 days, also by day.",
    query: {
      since: instant("The beginning of the range. Without it: 30 days before the end."),
      until: instant("The end of the range. Without it: now."),
      zone: {
        description: "The zone whose midnight begins a day: `UTC`, the default, or `Asia/Shanghai`.",
        schema: { type: "string", enum: [...STATS_ZONES], default: "UTC" },
      },
      ...receiver("Only runs of this receiver."),
    },
    answers: { 200: { description: "The totals.", schema: StatsAnswer } },
    problems: [],
  },
  "GET /runs/:id": {
    operationId: "showRun",
    tag: "Runs",
    description:
      "Shows the present state. `view=raw` shows the stored rows, for support. Their form may change.",
    query: {
      view: { description: "`raw`: the stored rows.", schema: { type: "string", enum: ["raw"] } },
    },
    answers: {
      200: {
        description: "The status, or the stored rows.",
        schema: v.union([RunStatusAnswer, RawRunAnswer]),
      },
    },
    problems: [],
  },
  "DELETE /runs/:id": {
    operationId: "abortRun",
    tag: "Runs",
    description:
      "Asks the run to stop. No POST begins after the stage is `aborted`. Repeating the request is harmless.",
    query: { force: flag("`true`: senders cut open POSTs off. The run lists these POSTs as uncertain.") },
    body: { fields: ABORT_FIELDS, mayBeEmpty: true, example: { note: "wrong window" } },
    answers: { 202: { description: "The run stops.", schema: RunStatusAnswer } },
    problems: ["already_delivered", "run_ended"],
  },
} satisfies { [route: string]: RouteDoc };
