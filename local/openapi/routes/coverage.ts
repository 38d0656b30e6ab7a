// Describes the routes about coverage and about the watch for holes.
import { AutoReplayAnswer, CoverageAnswer, CoverageFilesAnswer } from "../../../src/contract/api/coverage.ts";
import { COVERAGE_DETAILS } from "../../../src/contract/coverage.ts";
import { SWITCH_FIELDS } from "../../../src/http/queue/auto-replay.ts";
import { REFRESH_FIELDS } from "../../../src/http/bucket/coverage-query.ts";
import { FIELD_TEXTS } from "../field-texts.ts";
import { withMeanings } from "../field-values.ts";
import { schemaNamed } from "../json-schema.ts";
import { flag, instant, receiver } from "../parameters.ts";
import type { RouteDoc } from "../route-doc.ts";

const DAY = { start: "2026-04-22T00:00:00Z", end: "2026-04-23T00:00:00Z" };

const END = "The end of the range, at most 7 days later. The range does not include this instant.";

export const COVERAGE_ROUTES = {
  "GET /coverage": {
    operationId: "showCoverage",
    tag: "Coverage",
    description:
      "Answers at once with the results that Coverage has, and makes it list the rest of the range. Repeat the request until `complete` is true.",
    query: {
      start: instant("The start of the range.", true),
      end: instant(END, true),
      detail: {
        description: FIELD_TEXTS["detail"] ?? "",
        schema: withMeanings("detail", { type: "string", enum: [...COVERAGE_DETAILS], default: "presence" }),
      },
      columns: flag("`true`: the answer also has the figures of each cell."),
      ...receiver("The receiver whose runs are listed. Absent: `default`."),
    },
    answers: { 200: { description: "What is known of the range.", schema: CoverageAnswer } },
    problems: [],
  },
  "GET /coverage/files": {
    operationId: "listCoverageFiles",
    tag: "Coverage",
    description: "The raw files of at most an hour, with their markers counted.",
    query: {
      start: instant("The start of the range.", true),
      end: instant(
        "The end of the range, at most an hour later. The range does not include this instant.",
        true,
      ),
    },
    answers: { 200: { description: "The files.", schema: CoverageFilesAnswer } },
    problems: [],
  },
  "POST /coverage/refresh": {
    operationId: "refreshCoverage",
    tag: "Coverage",
    description:
      "Lists and counts a range again. The answer shows the old counts until the new counts are complete.",
    body: {
      fields: REFRESH_FIELDS,
      keywords: { properties: { end: { ...schemaNamed("Instant"), description: END } } },
      example: DAY,
    },
    answers: {
      202: { description: "The counts so far.", schema: CoverageAnswer },
    },
    problems: [],
  },
  "GET /auto-replay": {
    operationId: "showAutoReplay",
    tag: "Coverage",
    description: "Shows the holes that Coverage found by itself, and which of them it proposed or queued.",
    answers: { 200: { description: "The mode, the proposals and their events.", schema: AutoReplayAnswer } },
    problems: [],
  },
  "POST /auto-replay": {
    operationId: "switchAutoReplay",
    tag: "Coverage",
    description: "The mode stays until a deployment changes the var AUTO_REPLAY.",
    body: { fields: SWITCH_FIELDS, example: { mode: "propose", note: "week of the move" } },
    answers: { 200: { description: "The mode, the proposals and their events.", schema: AutoReplayAnswer } },
    problems: [],
  },
} satisfies { [route: string]: RouteDoc };
