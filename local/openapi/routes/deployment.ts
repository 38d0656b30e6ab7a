// Describes the routes about the deployment and the caller.
import * as v from "valibot";
import { HealthAnswer, MeAnswer } from "../../../src/contract/api/access.ts";
import { DoctorAnswer } from "../../../src/contract/api/doctor.ts";
import { about } from "../../../src/contract/api/shapes.ts";
import { SystemAnswer } from "../../../src/contract/api/system.ts";
import { flag } from "../parameters.ts";
import type { RouteDoc } from "../route-doc.ts";

export const DEPLOYMENT_ROUTES = {
  "GET /health": {
    operationId: "showHealth",
    tag: "Deployment",
    description: "Needs no credential, and shows only whether the vars and secrets can be used.",
    answers: {
      200: { description: "The configuration can be used.", schema: HealthAnswer },
      500: { description: "A var or a secret cannot be used.", schema: HealthAnswer },
    },
    problems: [],
  },
  "GET /me": {
    operationId: "showMe",
    tag: "Deployment",
    description: "Shows the actor that is recorded with each change of this caller, and the caller's role.",
    answers: { 200: { description: "The caller.", schema: MeAnswer } },
    problems: ["invalid_header"],
  },
  "GET /metrics": {
    operationId: "showMetrics",
    tag: "Deployment",
    description:
      "Metrics in the text format of Prometheus. Works even while a var or a secret cannot be used.",
    answers: { 200: { description: "The metrics.", schema: null, contentType: "text/plain" } },
    problems: [],
  },
  "GET /system": {
    operationId: "showSystem",
    tag: "Deployment",
    description:
      "Shows the vars, and the names of secrets and tokens. No answer contains the value of a secret.",
    answers: { 200: { description: "The settings.", schema: SystemAnswer } },
    problems: [],
  },
  "GET /doctor": {
    operationId: "runDoctor",
    tag: "Deployment",
    description:
      "Checks settings, objects, queues, bucket and receiver. Changes nothing and sends no line. Costs a few lists and reads.",
    query: {
      signed_empty: flag("Also send the receiver a signed POST without a line. Ask the partner first."),
    },
    answers: {
      200: {
        description: "One line for each finding. Works even while a var cannot be used.",
        schema: DoctorAnswer,
      },
    },
    problems: [],
  },
  "GET /openapi.json": {
    operationId: "showApiDocument",
    tag: "Deployment",
    description: "The document describes every route, field, answer and problem code.",
    answers: {
      200: {
        description: "The document of this deployment.",
        schema: v.looseObject({
          openapi: about(v.literal("3.1.1"), "The version of the OpenAPI specification."),
        }),
      },
    },
    problems: [],
  },
} satisfies { [route: string]: RouteDoc };
