// The OpenAPI document: valid by the linter, complete against the code, and with examples that fit its schemas.
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { nameOf } from "../../../local/openapi/components.ts";
import { openApiDocument } from "../../../local/openapi/document.ts";
import { EXAMPLES } from "../../../local/openapi/examples.ts";
import { FIELD_TEXTS } from "../../../local/openapi/field-texts.ts";
import type { SuccessDoc } from "../../../local/openapi/route-doc.ts";
import { ROUTE_DOCS } from "../../../local/openapi/route-docs.ts";
import { problemsOf } from "../../../local/openapi/route-problems.ts";
import { PROBLEM_CODES } from "../../../src/contract/api/problem.ts";
import { ROUTE_NAMES, ROUTE_TABLE } from "../../../src/http/route-table.ts";
import { API, misfits } from "../../support/document-check.ts";

const operations = Object.entries(API.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({
    route: `${method.toUpperCase()} ${path.replaceAll(/\{([a-z]+)\}/g, ":$1")}`,
    operation,
  })),
);

describe("the API document", () => {
  it("is what the build wrote", () => {
    expect(API).toEqual(JSON.parse(JSON.stringify(openApiDocument())));
  });

  it("passes the strict rules of the linter", () => {
    const dir = mkdtempSync(join(tmpdir(), "api-document-"));
    onTestFinished(() => rmSync(dir, { recursive: true }));
    const path = join(dir, "openapi.json");
    writeFileSync(path, JSON.stringify(API));
    const cli = join(process.cwd(), "node_modules/@redocly/cli/bin/cli.js");
    const env = { ...process.env, REDOCLY_TELEMETRY: "off", REDOCLY_SUPPRESS_UPDATE_NOTICE: "true" };
    const linted = spawnSync(process.execPath, [cli, "lint", path, "--config", "redocly.yaml"], {
      env,
      encoding: "utf8",
    });
    expect(linted.status, linted.stdout + linted.stderr).toBe(0);
  });

  it("has every route with its role, and no other", () => {
    const roles = operations.map(({ route, operation }) => [route, operation["x-needed-role"] ?? null]);
    const wanted = ROUTE_NAMES.map((route) => [route, ROUTE_TABLE[route].role]);
    expect(Object.fromEntries(roles)).toEqual(Object.fromEntries(wanted));
  });

  it("gives each operation an id of its own", () => {
    const ids = operations.map(({ operation }) => operation.operationId);
    expect(new Set(ids).size).toBe(ids.length);
  });

  it("names every problem code with a route, except those of unknown routes", () => {
    const named = new Set(ROUTE_NAMES.flatMap(problemsOf));
    const unknown = PROBLEM_CODES.filter((code) => !named.has(code));
    expect(unknown.toSorted()).toEqual(["method_not_allowed", "no_such_route"]);
  });

  it("says what every field of a body means, and nothing about fields that no body has", () => {
    const fields = Object.values(ROUTE_DOCS).flatMap(({ body }) => Object.keys(body?.fields ?? {}));
    expect(Object.keys(FIELD_TEXTS).toSorted()).toEqual([...new Set(fields)].toSorted());
  });
});

describe("an example", () => {
  it.each(operations.filter(({ operation }) => operation.requestBody))(
    "of the body fits its schema: $route",
    ({ operation }) => {
      const { schema = {}, example } = operation.requestBody?.content["application/json"] ?? {};
      expect(misfits(schema, example)).toEqual([]);
      expect(misfits(schema, { ...(example as object), unknown_field: 1 })).not.toEqual([]);
    },
  );

  it.each(Object.entries(EXAMPLES))("fits its schema: %s", (name, example) => {
    const schema = { $ref: `#/components/schemas/${name}` };
    expect(misfits(schema, example)).toEqual([]);
    expect(misfits(schema, { ...(example as object), further: 1 })).not.toEqual([]);
  });

  it("is there for every answer that is JSON, and for problems", () => {
    const answers = Object.values(ROUTE_DOCS).flatMap((route) => Object.values<SuccessDoc>(route.answers));
    const schemas = answers.flatMap(({ schema }) => (schema === null ? [] : [schema]));
    const names = new Set(schemas.map(nameOf).filter((name) => name !== undefined));
    expect(Object.keys(EXAMPLES).toSorted()).toEqual([...names, "ProblemAnswer"].toSorted());
  });
});
