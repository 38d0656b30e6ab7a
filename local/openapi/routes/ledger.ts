// Describes the routes that show what a run did.
import { RayAnswer, SampleAnswer } from "../../../src/contract/api/run-lines.ts";
import { EventListAnswer } from "../../../src/contract/api/events.ts";
import { FileListAnswer, MalformedListAnswer } from "../../../src/contract/api/run-files.ts";
import { BatchListAnswer, LedgerLine } from "../../../src/contract/api/run-lists.ts";
import { MAP_WORDS, RunMapAnswer } from "../../../src/contract/api/run-map.ts";
import { SeriesAnswer } from "../../../src/contract/api/run-series.ts";
import { RETIRED_BATCH_STATE } from "../../../src/contract/states.ts";
import { schemaNamed } from "../json-schema.ts";
import { PAGE, instant, states } from "../parameters.ts";
import type { QueryParameter, RouteDoc } from "../route-doc.ts";

const FROM: QueryParameter = {
  description: "The number of the first item to list.",
  schema: { type: "integer", minimum: 0 },
};

export const LEDGER_ROUTES = {
  "GET /runs/:id/files": {
    operationId: "listFiles",
    tag: "Ledger",
    description: "Lists the files of the run in the order of their numbers.",
    query: {
      state: states("Only files in one of these states.", schemaNamed("FileState")),
      from: FROM,
      start: instant("Only files whose range meets [start, end). Needs `end`, at most one hour later."),
      end: instant("The end of the range that `start` begins."),
      ...PAGE,
    },
    answers: { 200: { description: "One page of files.", schema: FileListAnswer } },
    problems: [],
  },
  "GET /runs/:id/batches": {
    operationId: "listBatches",
    tag: "Ledger",
    description:
      "Lists the batches of the run in the order of their numbers. For one page, the run reads at most 2,000.",
    query: {
      state: states("Only batches in one of these states. No batch has the state `failed`.", {
        anyOf: [schemaNamed("BatchState"), { const: RETIRED_BATCH_STATE }],
      }),
      from: FROM,
      ...PAGE,
    },
    answers: { 200: { description: "One page of batches.", schema: BatchListAnswer } },
    problems: [],
  },
  "GET /runs/:id/events": {
    operationId: "listEvents",
    tag: "Ledger",
    description: "Lists the audit trail, the oldest event first.",
    query: PAGE,
    answers: { 200: { description: "One page of events.", schema: EventListAnswer } },
    problems: [],
  },
  "GET /runs/:id/samples": {
    operationId: "listMalformedLines",
    tag: "Ledger",
    description: "Lists the first 20 malformed lines of the run.",
    query: PAGE,
    answers: { 200: { description: "One page of malformed lines.", schema: MalformedListAnswer } },
    problems: [],
  },
  "GET /runs/:id/sample": {
    operationId: "showSample",
    tag: "Ledger",
    description:
      "Parses up to five raw files within 5 s, and shows their first lines. Works for dry runs too.",
    query: {
      n: {
        description: "How many lines to show.",
        schema: { type: "integer", minimum: 1, maximum: 100, default: 10 },
      },
    },
    answers: { 200: { description: "The lines.", schema: SampleAnswer } },
    problems: [],
  },
  "GET /runs/:id/series": {
    operationId: "showSeries",
    tag: "Ledger",
    description:
      "Shows how fast the run sent. Each point of the last hour covers 10 s. Older points cover a minute or more.",
    query: { since: instant("Only points whose interval ends after this instant.") },
    answers: { 200: { description: "The points, oldest first.", schema: SeriesAnswer } },
    problems: [],
  },
  "GET /runs/:id/map": {
    operationId: "showMap",
    tag: "Ledger",
    description: `Shows the files over the window of the run: one letter for each five minutes. The letter shows the state of the worst file: ${MAP_WORDS}, \`e\` no file. This list begins with the worst state.`,
    answers: { 200: { description: "The cells, oldest first.", schema: RunMapAnswer } },
    problems: [],
  },
  "GET /runs/:id/rays/:ray": {
    operationId: "findRay",
    tag: "Ledger",
    description:
      "Parses the raw files again and shows whether the line of one request was sent. One answer covers at most 200 files and 20 s.",
    query: {
      at: {
        description: "The request's instant. The search then reads the files around it, the nearest first.",
        schema: { type: "string" },
      },
      cursor: {
        description: "The `next_cursor` of the previous answer.",
        schema: { type: "string", maxLength: 40 },
      },
    },
    answers: { 200: { description: "What was found so far.", schema: RayAnswer } },
    problems: ["query_under_way"],
  },
  "GET /runs/:id/ledger": {
    operationId: "exportLedger",
    tag: "Ledger",
    description:
      "One line for each file, then one for each batch, then a line of the kind `end`. If the last line is missing, the export was cut off.",
    answers: {
      200: {
        description: "The ledger, one JSON object a line.",
        schema: LedgerLine,
        contentType: "application/x-ndjson",
      },
    },
    problems: [],
  },
  "GET /runs/:id/evidence.zip": {
    operationId: "exportEvidence",
    tag: "Ledger",
    description: "The evidence of an ended run as one archive, with the script that verifies it.",
    answers: {
      200: {
        description: "The archive.",
        schema: null,
        contentType: "application/zip",
        headers: ["Content-Disposition"],
      },
    },
    problems: ["report_not_written", "report_damaged"],
  },
} satisfies { [route: string]: RouteDoc };
