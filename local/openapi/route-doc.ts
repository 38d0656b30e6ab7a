// How a route is described for the API document. The route table has its method, path, role and summary.
import type * as v from "valibot";
import type { ProblemCode } from "../../src/contract/api/problem.ts";

export type JsonSchema = { [keyword: string]: unknown };

/** The groups of the document, in their order. */
export const TAGS = {
  Deployment: "The caller, the deployment and this document.",
  Runs: "Start, estimate, list and abort runs.",
  Ledger: "What a run did: files, batches, events, lines, and the evidence of it.",
  Commands: "An operator's decisions about one run.",
  "Window queue": "Windows that wait to be replayed, one run after the other.",
  Notifications: "Messages to people about runs and holes.",
  Coverage: "Which part of a range the live worker delivered.",
} as const;
export type Tag = keyof typeof TAGS;

export interface QueryParameter {
  description: string;
  schema: JsonSchema;
  isRequired?: true;
  /** True: several values with commas between. `schema` describes one value. */
  isList?: true;
}

export interface BodyDoc {
  /** The fields as the route reads them. */
  fields: v.ObjectEntries;
  /** Further keywords of the body's schema. A member of `properties` replaces the schema of its field. */
  keywords?: JsonSchema & { properties?: { [field: string]: JsonSchema } };
  /** True: an empty body means no field. */
  mayBeEmpty?: true;
  example: { [field: string]: unknown };
}

export const ANSWER_HEADERS = {
  Location: "The path of the run.",
  "Retry-After": "Seconds after which the request may be repeated.",
  "Idempotent-Replayed": "`true`: this is the first answer to an earlier request with the same key.",
  "Content-Disposition": "The name of the file.",
} as const;

export interface SuccessDoc {
  description: string;
  /** Null: the answer is no JSON. */
  schema: v.GenericSchema | null;
  /** Absent: JSON. With a schema, each line of the answer fits it. */
  contentType?: "application/x-ndjson" | "application/zip" | "text/plain";
  headers?: (keyof typeof ANSWER_HEADERS)[];
}

export interface RouteDoc {
  /** Unique, for generated clients. */
  operationId: string;
  tag: Tag;
  description: string;
  query?: { [name: string]: QueryParameter };
  body?: BodyDoc;
  /** True: the route takes an Idempotency-Key. */
  isKeyed?: true;
  /** By HTTP status. */
  answers: { [status: number]: SuccessDoc };
  /** The problems of this route, in addition to those of every route like it (route-problems.ts). */
  problems: readonly ProblemCode[];
}
