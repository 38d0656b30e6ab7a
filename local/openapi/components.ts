// Collects the named schemas of the API document. The schema of an answer has the name of its type in
// src/contract/api.
import * as v from "valibot";
import * as access from "../../src/contract/api/access.ts";
import * as coverage from "../../src/contract/api/coverage.ts";
import * as doctor from "../../src/contract/api/doctor.ts";
import * as events from "../../src/contract/api/events.ts";
import * as notifications from "../../src/contract/api/notifications.ts";
import * as plan from "../../src/contract/api/plan.ts";
import * as problem from "../../src/contract/api/problem.ts";
import * as receiverAnswers from "../../src/contract/api/receiver-answers.ts";
import * as runFiles from "../../src/contract/api/run-files.ts";
import * as runLimits from "../../src/contract/api/run-limits.ts";
import * as runLines from "../../src/contract/api/run-lines.ts";
import * as runLists from "../../src/contract/api/run-lists.ts";
import * as runMap from "../../src/contract/api/run-map.ts";
import * as runParts from "../../src/contract/api/run-parts.ts";
import * as runSeries from "../../src/contract/api/run-series.ts";
import * as runStatus from "../../src/contract/api/run-status.ts";
import * as shapes from "../../src/contract/api/shapes.ts";
import * as states from "../../src/contract/api/states.ts";
import * as stats from "../../src/contract/api/stats.ts";
import * as system from "../../src/contract/api/system.ts";
import * as windows from "../../src/contract/api/windows.ts";
import { Instant, RunId, Sha256 } from "../../src/http/requests/fields.ts";
import { MAX_SEND_RANGES } from "../../src/contract/send-hours.ts";
import { SendBetween } from "../../src/http/requests/send-between.ts";
import { converted, schemaNamed, type Named } from "./json-schema.ts";
import type { JsonSchema } from "./route-doc.ts";

/** The modules with named schemas. */
const MODULES: readonly object[] = [
  access,
  coverage,
  doctor,
  events,
  notifications,
  plan,
  problem,
  receiverAnswers,
  runFiles,
  runLimits,
  runLines,
  runLists,
  runMap,
  runParts,
  runSeries,
  runStatus,
  shapes,
  states,
  stats,
  system,
  windows,
];

/** The schemas that have a name, by this name. */
const COMPONENTS: { [name: string]: v.GenericSchema } = Object.fromEntries(
  MODULES.flatMap((module) => Object.values(module) as unknown[])
    .filter(isSchema)
    .map((schema) => [nameIn(schema), schema] as const)
    .filter(([name]) => name !== ""),
);

function isSchema(value: unknown): value is v.GenericSchema {
  return typeof value === "object" && value !== null && "kind" in value && value.kind === "schema";
}

/** The name that `named`, `codes` or `v.metadata` gave to the schema. Empty: none. */
function nameIn(schema: v.GenericSchema): string {
  const { title } = v.getMetadata(schema);
  return typeof title === "string" ? title : "";
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
      schemaNamed("SendRange"),
      {
        type: "array",
        items: schemaNamed("SendRange"),
        minItems: 1,
        maxItems: MAX_SEND_RANGES,
      },
    ],
  },
  Sha256: { type: "string", pattern: "^[0-9a-f]{64}$", description: "A SHA-256 in lower-case hex." },
};

export const NAMED: Named = {
  components: COMPONENTS,
  instead: new Map([
    [Instant.pipe[0], schemaNamed("Instant")],
    [RunId.pipe[0], schemaNamed("RunId")],
    [Sha256.pipe[0], schemaNamed("Sha256")],
    [SendBetween.pipe[0], schemaNamed("SendBetween")],
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
  return name === undefined ? converted(schema, NAMED) : schemaNamed(name);
}

/** The name of an answer's schema. If the answer is one of several kinds, the name of the first kind. */
export function nameOf(schema: v.GenericSchema): string | undefined {
  const { options } = schema as { options?: v.GenericSchema[] };
  return Object.keys(COMPONENTS).find(
    (name) => COMPONENTS[name] === schema || COMPONENTS[name] === options?.[0],
  );
}
