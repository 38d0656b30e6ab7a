// Collects the named schemas of the API document. The schema of an answer has the name of its type in
// src/contract/api.
import type * as v from "valibot";
import { HealthAnswer, MeAnswer } from "../../src/contract/api/access.ts";
import * as coverage from "../../src/contract/api/coverage.ts";
import { DoctorAnswer } from "../../src/contract/api/doctor.ts";
import { NotificationsAnswer, TestMessagesAnswer } from "../../src/contract/api/notifications.ts";
import { PlanAnswer } from "../../src/contract/api/plan.ts";
import { ProblemAnswer, ProblemError } from "../../src/contract/api/problem.ts";
import { ReceiverAnswers } from "../../src/contract/api/receiver-answers.ts";
import { Limits, RateNow, SendRange, Spec } from "../../src/contract/api/run-limits.ts";
import { RayAnswer, SampleAnswer } from "../../src/contract/api/run-lines.ts";
import * as lists from "../../src/contract/api/run-lists.ts";
import {
  CountedPlan,
  Evidence,
  FileLive,
  ReplayedPlan,
  RunLive,
  RunProblem,
} from "../../src/contract/api/run-parts.ts";
import { CommandAnswer, RawRunAnswer, RunStatusAnswer } from "../../src/contract/api/run-status.ts";
import { RunMapAnswer } from "../../src/contract/api/run-map.ts";
import { SeriesAnswer } from "../../src/contract/api/run-series.ts";
import { StatsAnswer } from "../../src/contract/api/stats.ts";
import { SystemAnswer } from "../../src/contract/api/system.ts";
import { CodeAndDetail, InstantText, RunIdText, SpanText } from "../../src/contract/api/shapes.ts";
import * as windows from "../../src/contract/api/windows.ts";
import { Instant, RunId, Sha256 } from "../../src/http/fields.ts";
import { MAX_SEND_RANGES } from "../../src/contract/send-hours.ts";
import { SendBetween } from "../../src/http/send-between.ts";
import { converted, type Named } from "./json-schema.ts";
import type { JsonSchema } from "./route-doc.ts";

const COMPONENTS: { [name: string]: v.GenericSchema } = {
  InstantText,
  RunId: RunIdText,
  SpanText,
  CodeAndDetail,
  HealthAnswer,
  MeAnswer,
  ReceiverAnswers,
  Limits,
  RateNow,
  SendRange,
  Spec,
  CountedPlan,
  ReplayedPlan,
  RunLive,
  FileLive,
  Evidence,
  RunProblem,
  RunStatusAnswer,
  CommandAnswer,
  RawRunAnswer,
  ...schemasOf(lists),
  RunMapAnswer,
  SeriesAnswer,
  StatsAnswer,
  SystemAnswer,
  DoctorAnswer,
  SampleAnswer,
  RayAnswer,
  PlanAnswer,
  ...schemasOf(coverage),
  ...schemasOf(windows),
  NotificationsAnswer,
  TestMessagesAnswer,
  ProblemError,
  ProblemAnswer,
};

/** The schemas of answers that a module exports. */
function schemasOf(module: object): { [name: string]: v.GenericSchema } {
  return module as { [name: string]: v.GenericSchema };
}

/** Formats of request fields. valibot checks them with code, so their JSON Schemas are written by hand. */
const WRITTEN: { [name: string]: JsonSchema } = {
  Instant: {
    type: "string",
    format: "date-time",
    pattern: String.raw`^\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.0+)?([Zz]|[+-]\d\d:\d\d)$`,
    description: "An instant in whole seconds, as RFC 3339 with `Z` or an offset.",
    examples: ["2026-04-22T14:00:00Z", "2026-04-22T22:00:00+08:00"],
  },
  SendBetween: {
    description: "One range of hours, or a list of them.",
    anyOf: [
      { $ref: "#/components/schemas/SendRange" },
      {
        type: "array",
        items: { $ref: "#/components/schemas/SendRange" },
        minItems: 1,
        maxItems: MAX_SEND_RANGES,
      },
    ],
  },
  Sha256: { type: "string", pattern: "^[0-9a-f]{64}$", description: "A SHA-256 in lower-case hex." },
};

function reference(name: string): JsonSchema {
  return { $ref: `#/components/schemas/${name}` };
}

export const NAMED: Named = {
  components: COMPONENTS,
  instead: new Map([
    [Instant.pipe[0], reference("Instant")],
    [RunId.pipe[0], reference("RunId")],
    [Sha256.pipe[0], reference("Sha256")],
    [SendBetween.pipe[0], reference("SendBetween")],
  ] as [unknown, JsonSchema][]),
};

export function componentSchemas(): { [name: string]: JsonSchema } {
  const schemas = Object.entries(COMPONENTS).map(
    ([name, schema]) => [name, converted(schema, NAMED)] as const,
  );
  return Object.fromEntries(
    [...Object.entries(WRITTEN), ...schemas].toSorted(([a], [b]) => (a < b ? -1 : 1)),
  );
}

/** The schema of an answer: a reference if the schema has a name, otherwise the schema itself. */
export function answerSchema(schema: v.GenericSchema): JsonSchema {
  const name = Object.keys(COMPONENTS).find((component) => COMPONENTS[component] === schema);
  return name === undefined ? converted(schema, NAMED) : reference(name);
}

/** The name of an answer's schema. If the answer is one of several kinds, the name of the first kind. */
export function nameOf(schema: v.GenericSchema): string | undefined {
  const { options } = schema as { options?: v.GenericSchema[] };
  return Object.keys(COMPONENTS).find(
    (name) => COMPONENTS[name] === schema || COMPONENTS[name] === options?.[0],
  );
}
