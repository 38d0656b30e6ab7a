// Describes the routes of the window queue.
import * as v from "valibot";
import {
  QueueAnswer,
  QueueWindowsAnswer,
  WindowAnswer,
  WindowListAnswer,
} from "../../../src/contract/api/windows.ts";
import { Note } from "../../../src/http/requests/fields.ts";
import {
  NOT_OPTIONS,
  RANGE_FIELDS,
  WINDOWS_FIELDS,
  WINDOW_FIELDS,
} from "../../../src/http/queue/windows-request.ts";
import { MOVE_FIELDS } from "../../../src/http/queue/windows.ts";
import { MAX_WINDOWS } from "../../../src/contract/windows.ts";
import { runFields } from "../../../src/http/runs/run-request.ts";
import { schemaNamed } from "../json-schema.ts";
import { PAGE, receiver, states } from "../parameters.ts";
import { bodySchema } from "../request-schemas.ts";
import type { BodyDoc, RouteDoc } from "../route-doc.ts";
import { WIDEST_CONFIG } from "../widest-config.ts";

/** The parameter of routes about windows. The numbers of windows are those of one receiver's queue. */
const OF_QUEUE = receiver("The receiver whose queue is meant. Absent: `default`.");
const NOTE = { note: v.optional(Note) };
const options = Object.entries(runFields(WIDEST_CONFIG)).filter(
  ([name]) => !Object.hasOwn(NOT_OPTIONS, name),
);

const WINDOWS_BODY: BodyDoc = {
  fields: WINDOWS_FIELDS,
  keywords: {
    oneOf: ["windows", "last", "days", "from_coverage"].map((name) => ({ required: [name] })),
    properties: {
      windows: {
        type: "array",
        items: bodySchema({ fields: WINDOW_FIELDS, example: {} }),
        minItems: 1,
        maxItems: MAX_WINDOWS,
      },
      from_coverage: bodySchema({
        fields: RANGE_FIELDS,
        keywords: {
          properties: {
            end: {
              ...schemaNamed("Instant"),
              description: "The end of the range. The range does not include this instant.",
            },
          },
        },
        example: {},
      }),
      options: { ...bodySchema({ fields: Object.fromEntries(options), example: {} }), default: {} },
    },
  },
  example: {
    windows: [{ start: "2026-04-22T14:00:00Z", end: "2026-04-22T15:00:00Z", end_exclusive: true }],
    reason: "partner outage",
    options: { live: "skip_delivered" },
  },
};

export const WINDOW_ROUTES = {
  "POST /windows": {
    operationId: "queueWindows",
    tag: "Window queue",
    description:
      "Queues windows, days, or the holes of a range for one receiver. Its queue starts a run for each window when the slot is free.",
    body: WINDOWS_BODY,
    isKeyed: true,
    answers: {
      200: {
        description: "Nothing changed: every window is a duplicate or is dropped.",
        schema: QueueWindowsAnswer,
        headers: ["Retry-After", "Idempotent-Replayed"],
      },
      202: {
        description: "At least one window is queued or coalesced.",
        schema: QueueWindowsAnswer,
        headers: ["Retry-After", "Idempotent-Replayed"],
      },
    },
    problems: ["idempotency_mismatch", "live_mode_needed", "live_batch_size_needed", "no_raw_files", "coverage_incomplete", "queue_full"], // prettier-ignore
  },
  "GET /windows": {
    operationId: "listWindows",
    tag: "Window queue",
    description:
      "`state=queued` shows windows in the order in which they start. Other lists show the newest first.",
    query: {
      state: states("Only windows in one of these states.", schemaNamed("WindowState")),
      ...OF_QUEUE,
      ...PAGE,
    },
    answers: { 200: { description: "One page of windows, and the queue.", schema: WindowListAnswer } },
    problems: [],
  },
  "GET /windows/:id": {
    operationId: "showWindow",
    tag: "Window queue",
    description: "Shows one window, its runs and its events.",
    query: OF_QUEUE,
    answers: { 200: { description: "The window.", schema: WindowAnswer } },
    problems: ["unknown_window"],
  },
  "DELETE /windows/:id": {
    operationId: "cancelWindow",
    tag: "Window queue",
    description:
      "Cancels a waiting window. The run of a running window is aborted, and gets no further attempt.",
    query: OF_QUEUE,
    body: { fields: NOTE, mayBeEmpty: true, example: { note: "not needed" } },
    answers: {
      200: { description: "The window is cancelled.", schema: WindowAnswer },
      202: { description: "The run of the window is aborted.", schema: WindowAnswer },
    },
    problems: ["unknown_window", "window_wrong_state"],
  },
  "POST /windows/:id/move": {
    operationId: "moveWindow",
    tag: "Window queue",
    description:
      "Gives the window the priority of another window, and lets it start directly before or after that window.",
    query: OF_QUEUE,
    body: {
      fields: { ...MOVE_FIELDS, ...NOTE },
      keywords: { oneOf: ["before", "after"].map((name) => ({ required: [name] })) },
      example: { before: 9 },
    },
    answers: { 200: { description: "The window.", schema: WindowAnswer } },
    problems: ["unknown_window", "window_wrong_state"],
  },
  "POST /windows/pause": {
    operationId: "pauseQueue",
    tag: "Window queue",
    description: "The queue starts no further window. A run that is sending continues.",
    query: OF_QUEUE,
    body: { fields: NOTE, mayBeEmpty: true, example: { note: "partner works on it" } },
    answers: { 200: { description: "The queue.", schema: QueueAnswer } },
    problems: [],
  },
  "POST /windows/resume": {
    operationId: "resumeQueue",
    tag: "Window queue",
    description: "The queue starts windows again.",
    query: OF_QUEUE,
    body: { fields: NOTE, mayBeEmpty: true, example: {} },
    answers: { 200: { description: "The queue.", schema: QueueAnswer } },
    problems: [],
  },
} satisfies { [route: string]: RouteDoc };
