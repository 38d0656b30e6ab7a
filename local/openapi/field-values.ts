// What the values of some fields and parameters mean. A field with the same name has the same values everywhere.
import * as v from "valibot";
import { AutoReplayMode } from "../../src/contract/api/coverage.ts";
import { AnswerDecision } from "../../src/contract/api/receiver-answers.ts";
import { LineFormat } from "../../src/contract/api/run-limits.ts";
import type { ACCEPTABLE_CODES } from "../../src/contract/operator.ts";
import type { JsonSchema } from "./route-doc.ts";

type Meanings = { readonly [value: string]: string };

const CODES: { [Code in (typeof ACCEPTABLE_CODES)[number]]: string } = {
  empty_window: "No file matches the window, or the run kept no record.",
  foreign_folders: "Folders below the prefix contain logs and are not read.",
  late_files: "Files of the window were added or changed after delivery.",
  log_without_time: "Keys end like logs, but their names contain no readable time.",
  not_looked_through: "The run did not search some folders, because it had read 200 pages.",
  duplicate_objects: "Some files have the same name and size as another file, and are not parsed.",
  suspect_records: "Over all files together, too many lines or records fail a check.",
  live_waiting: "The live worker has had no answer for some of its batches for an hour.",
  live_batch_size_unproven: "The markers do not prove the batch size of the live worker.",
};

const FIELD_VALUES: { readonly [field: string]: Meanings } = {
  on_corrupt: {
    fail: "The run sends no line of a truncated file.",
    salvage: "The run sends the readable part of a truncated file.",
  },
  on_uncertain: {
    resend: "The run sends the batch again, and holds it after eight counted attempts.",
    hold: "The run holds the batch at once, for an operator.",
  },
  on_refused: {
    keep: "The batch waits for an operator.",
    split: "The run halves the batch until it finds the refused line.",
  },
  dedupe: {
    off: "The run sends every kept record.",
    file: "The run sends only the first kept record with a RayID in each file.",
  },
  format: meaningsOf(LineFormat),
  live: {
    ignore: "The run sends these records again.",
    skip_delivered: "The run does not send these records.",
  },
  live_waiting: {
    hold: "The file of the batch waits.",
    send: "The run sends the lines of the batch and counts them as possible duplicates.",
  },
  codes: CODES,
  answers: meaningsOf(AnswerDecision),
  outcome: {
    delivered: "The batch is settled as delivered. Needs a `note`.",
    resend: "The batch is sent again.",
    discard: "The batch is never sent. Needs a `note`.",
  },
  order: {
    oldest_first: "The oldest window of the series starts first.",
    newest_first: "The newest window of the series starts first.",
  },
  detail: {
    presence: "Coverage finds out whether each file has a marker, and counts markers only next to holes.",
    exact: "Coverage counts the markers of every file.",
  },
  mode: meaningsOf(AutoReplayMode),
};

/** Adds the meanings of the values to each enum in the schema of a field. */
export function withMeanings(field: string, schema: JsonSchema): JsonSchema {
  const meanings = FIELD_VALUES[field];
  return meanings ? explained(schema, meanings) : schema;
}

function explained(schema: JsonSchema, meanings: Meanings): JsonSchema {
  const { items, additionalProperties, anyOf } = schema;
  return {
    ...schema,
    ...(schema["enum"] !== undefined && { "x-enumDescriptions": meanings }),
    ...(isSchema(items) && { items: explained(items, meanings) }),
    ...(isSchema(additionalProperties) && {
      additionalProperties: explained(additionalProperties, meanings),
    }),
    ...(Array.isArray(anyOf) && { anyOf: anyOf.map((one: JsonSchema) => explained(one, meanings)) }),
  };
}

function isSchema(value: unknown): value is JsonSchema {
  return typeof value === "object" && value !== null;
}

function meaningsOf(schema: v.GenericSchema): Meanings {
  return v.getMetadata(schema)["x-enumDescriptions"] as Meanings;
}
