// Writes the generated part of docs/reference/api.md: every route and every named schema of the API document.
import { PROBLEM_STATUS, type ProblemCode } from "../../src/contract/api/problem.ts";
import { ROUTE_NAMES, ROUTE_TABLE, type RouteName } from "../../src/http/route-table.ts";
import { markdownTable } from "../tables/markdown-table.ts";
import { answerSchema, componentSchemas } from "./components.ts";
import { bodySchema } from "./request-schemas.ts";
import { TAGS, type JsonSchema, type RouteDoc } from "./route-doc.ts";
import { ROUTE_DOCS } from "./route-docs.ts";
import { GENERAL_PROBLEMS, problemsOf } from "./route-problems.ts";
import { meaningRows, memberRows, valueRows, valueText, variantsOf } from "./schema-text.ts";

/** A schema is described as an extension of another schema when the two share at least this many members. */
const FEWEST_SHARED = 8;

export function apiReference(): string {
  const groups = Object.entries(TAGS).map(([tag, about]) => {
    const routes = ROUTE_NAMES.filter((route) => ROUTE_DOCS[route].tag === tag);
    return [`## ${tag}`, about, ...routes.map(routeText)].join("\n\n");
  });
  const all = Object.entries(componentSchemas());
  const schemas = all.map(([name, schema]) => schemaText(name, schema, all));
  const intro = "The values of requests and answers that have a name, in the order of the alphabet.";
  const general = `Problems of every route: ${byStatus(GENERAL_PROBLEMS)}.`;
  return [general, ...groups, ["## Schemas", intro, ...schemas].join("\n\n")].join("\n\n");
}

function routeText(route: RouteName): string {
  const { role, summary } = ROUTE_TABLE[route];
  const doc = ROUTE_DOCS[route];
  return [
    `### \`${route}\``,
    `**${summary}.** ${doc.description}`,
    `Role: ${role === null ? "none" : `\`${role}\``}. Operation: \`${doc.operationId}\`.`,
    ...queryText(doc),
    ...bodyText(doc),
    answersText(doc),
    ...problemsText(route),
  ].join("\n\n");
}

function queryText({ query = {} }: RouteDoc): string[] {
  const rows = Object.entries(query).map(([name, { description, schema, isRequired, isList }]) => [
    `\`${name}\`${isRequired ? ", required" : ""}`,
    isList ? `one or several of ${valueText(schema)}` : valueText(schema),
    description,
  ]);
  const values = Object.entries(query).flatMap(([name, { schema }]) =>
    valueRows(schema).map((row) => [`\`${name}\``, ...row]),
  );
  return [
    ...(rows.length === 0 ? [] : [markdownTable([["parameter", "value", "meaning"], ...rows])]),
    ...valuesText("parameter", values),
  ];
}

function bodyText({ body }: RouteDoc): string[] {
  if (!body) return [];
  const schema = bodySchema(body);
  const rows = memberRows(schema).map(([name = "", value = "", meaning = ""]) => {
    const field = (schema["properties"] as { [field: string]: JsonSchema })[name.replaceAll("`", "")];
    return [name, value.replace(", optional", ""), defaultText(field, value), meaning];
  });
  const fields = markdownTable([["field", "value", "default", "meaning"], ...rows]);
  const texts = [fields, ...valuesText("field", meaningRows(schema))];
  const members = Object.entries(body.example).map(([name, value]) => `  "${name}": ${jsonText(value)}`);
  if (members.length === 0) return texts;
  return [...texts, "Example:", ["```json", "{", members.join(",\n"), "}", "```"].join("\n")];
}

/** Says what the values of some fields or parameters mean. */
function valuesText(of: string, rows: string[][]): string[] {
  return rows.length === 0
    ? []
    : [`Values of some ${of}s:`, markdownTable([[of, "value", "meaning"], ...rows])];
}

/** Writes JSON in one line, with spaces where prettier puts them. */
function jsonText(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(jsonText).join(", ")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const members = Object.entries(value).map(([name, member]) => `"${name}": ${jsonText(member)}`);
  return members.length === 0 ? "{}" : `{ ${members.join(", ")} }`;
}

function defaultText(field: JsonSchema | undefined, value: string): string {
  if (field?.["default"] !== undefined) return `\`${JSON.stringify(field["default"])}\``;
  return value.endsWith(", optional") ? "" : "required";
}

function answersText({ answers }: RouteDoc): string {
  const rows = Object.entries(answers).map(([status, { schema, contentType, description }]) => [
    status,
    schema === null ? `\`${contentType}\`` : valueText(answerSchema(schema)),
    description,
  ]);
  return markdownTable([["status", "answer", "when"], ...rows]);
}

/** Lists the problems of one route. The problems that every route can answer are listed at the top of the page. */
function problemsText(route: RouteName): string[] {
  const own = problemsOf(route).filter((code) => !GENERAL_PROBLEMS.includes(code));
  return own.length === 0 ? [] : [`Problems: ${byStatus(own)}.`];
}

function byStatus(codes: readonly ProblemCode[]): string {
  return [...Map.groupBy(codes, (code) => PROBLEM_STATUS[code])]
    .toSorted(([a], [b]) => a - b)
    .map(([status, same]) => `${status} ${same.map((code) => `\`${code}\``).join(", ")}`)
    .join("; ");
}

function schemaText(name: string, whole: JsonSchema, all: [string, JsonSchema][]): string {
  const { description } = whole;
  const base = baseOf(whole, all);
  const schema = base ? without(whole, base[1]) : whole;
  const rows = memberRows(schema);
  const variants = variantsOf(schema);
  const values = valueRows(schema);
  return [
    `### ${name}`,
    ...(typeof description === "string" ? [description] : []),
    ...(base ? [membersOfText(base)] : []),
    ...(rows.length > 0 ? [table(rows)] : []),
    ...(variants.length > 0
      ? ["One of these objects:", ...variants.flatMap((one) => variantText(one, all))]
      : []),
    ...(rows.length === 0 && variants.length === 0 && values.length === 0
      ? [`Value: ${valueText(schema)}.`]
      : []),
    ...(rows.length === 0 && values.length > 0 ? [markdownTable([["value", "meaning"], ...values])] : []),
  ].join("\n\n");
}

function variantText(whole: JsonSchema, all: [string, JsonSchema][]): string[] {
  const { description } = whole;
  const base = baseOf(whole, all);
  return [
    ...(typeof description === "string" ? [description] : []),
    ...(base ? [membersOfText(base)] : []),
    table(memberRows(base ? without(whole, base[1]) : whole)),
  ];
}

function membersOfText([name]: [name: string, schema: JsonSchema]): string {
  return `The members of [${name}](#${name.toLowerCase()}), and:`;
}

/** Finds a schema with many members that `schema` has too. */
function baseOf(schema: JsonSchema, all: [string, JsonSchema][]): [string, JsonSchema] | undefined {
  const own = membersOf(schema);
  return all.find(([, other]) => {
    const members = Object.entries(membersOf(other));
    const isPart = members.every(([name, member]) => JSON.stringify(own[name]) === JSON.stringify(member));
    return members.length >= FEWEST_SHARED && members.length < Object.keys(own).length && isPart;
  });
}

function without(schema: JsonSchema, base: JsonSchema): JsonSchema {
  const further = Object.entries(membersOf(schema)).filter(([name]) => !(name in membersOf(base)));
  return { ...schema, properties: Object.fromEntries(further) };
}

function membersOf(schema: JsonSchema): { [name: string]: unknown } {
  return (schema["properties"] ?? {}) as { [name: string]: unknown };
}

function table(rows: string[][]): string {
  return markdownTable([["member", "value", "meaning"], ...rows]);
}
