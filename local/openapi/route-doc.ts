// The types that describe a route in the API document. The route's method, path, role and summary come from the route
// table instead.
import type * as v from "valibot";
import type { ProblemCode } from "../../src/contract/api/problem.ts";

export type JsonSchema = { [keyword: string]: unknown };

/** The groups of routes, in the order of the document. */
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
  /** True: the value is a list with commas. `schema` then describes one item. */
  isList?: true;
}

export interface BodyDoc {
  /** The valibot fields with which the route reads the body. */
  fields: v.ObjectEntries;
  /** More keywords for the schema of the body. A member of `properties` replaces the schema of that field, and its
   * `description` replaces the usual text. */
  keywords?: JsonSchema & { properties?: { [field: string]: JsonSchema } };
  /** True: the body may be empty. It then means the same as `{}`. */
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
  /** The schema of the body. Null: the body is not JSON. */
  schema: v.GenericSchema | null;
  /** Absent: JSON. If a schema is given for NDJSON, it describes each line. */
  contentType?: "application/x-ndjson" | "application/zip" | "text/plain";
  headers?: (keyof typeof ANSWER_HEADERS)[];
}

export interface RouteDoc {
  /** A unique name. Generated clients use it as the name of a method. */
  operationId: string;
  tag: Tag;
  description: string;
  query?: { [name: string]: QueryParameter };
  body?: BodyDoc;
  /** True: the route accepts the header Idempotency-Key. */
  isKeyed?: true;
  /** The successful answers, by HTTP status. */
  answers: { [status: number]: SuccessDoc };
  /** The problems that only this route has. route-problems.ts adds those that all similar routes have. */
  problems: readonly ProblemCode[];
}
