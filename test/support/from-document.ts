// Random requests from the API document: values that fit a schema, and parameters that a route takes. So a test that walks
// all routes also covers a new route.
import fc from "fast-check";
import { componentSchemas } from "../../local/openapi/components.ts";
import { bodySchema } from "../../local/openapi/request-schemas.ts";
import type { JsonSchema } from "../../local/openapi/route-doc.ts";
import { ROUTE_DOCS } from "../../local/openapi/route-docs.ts";
import type { RouteName } from "../../src/http/route-table.ts";

/** How many items a list in a request may have above its minimum. Longer lists and texts test nothing more and make
 * a request slow. */
const MAX_ITEMS = 3;
const MAX_TEXT = 20;
const COMPONENTS = componentSchemas();
/** The test's clock is after these instants. */
const INSTANTS = ["2030-04-22T14:00:00Z", "2030-04-22T14:30:00.000Z", "2030-04-22T23:00:00+08:00"];
/** Texts whose form only code checks. */
const TEXTS = ["7d", "12h", "90m", "01:00", "24:00", "Asia/Shanghai", "edge", "00"];

/** A value that the schema allows. Code may still refuse the value. */
export function valueOf(schema: JsonSchema): fc.Arbitrary<unknown> {
  const { $ref, const: only, enum: values, anyOf, type, minimum, maximum, pattern } = schema;
  if (typeof $ref === "string") return componentOf($ref.split("/").at(-1) ?? "");
  if (only !== undefined) return fc.constant(only);
  if (Array.isArray(values)) return fc.constantFrom<unknown>(...(values as unknown[]));
  if (Array.isArray(anyOf) && type === undefined) return fc.oneof(...(anyOf as JsonSchema[]).map(valueOf));
  if (type === "integer") {
    const min = Math.max(Number(minimum ?? 0), Number.MIN_SAFE_INTEGER);
    const max = Math.min(Number(maximum ?? 1_000), Number.MAX_SAFE_INTEGER);
    return fc.oneof(fc.integer({ min, max: Math.min(max, min + 10) }), fc.constantFrom(min, max));
  }
  if (type === "number")
    return fc.double({ min: Number(minimum ?? 0), max: Number(maximum ?? 1), noNaN: true });
  if (type === "boolean") return fc.boolean();
  if (type === "null") return fc.constant(null);
  if (type === "string") {
    if (typeof pattern === "string") return fc.stringMatching(new RegExp(pattern));
    return fc.oneof(fc.constantFrom(...TEXTS), fc.string({ minLength: 1, maxLength: MAX_TEXT }));
  }
  if (type === "array") return listOf(schema);
  if (type === "object") return objectOf(schema);
  return fc.jsonValue({ maxDepth: 1 });
}

function componentOf(name: string): fc.Arbitrary<unknown> {
  return name === "Instant" ? fc.constantFrom(...INSTANTS) : valueOf(COMPONENTS[name] ?? {});
}

function listOf({ items, minItems = 0 }: JsonSchema): fc.Arbitrary<unknown> {
  const minLength = Number(minItems);
  return fc.array(valueOf((items ?? {}) as JsonSchema), { minLength, maxLength: minLength + MAX_ITEMS });
}

/** Required members always, and the members of one alternative, and a few others. */
function objectOf(schema: JsonSchema): fc.Arbitrary<unknown> {
  const { properties = {}, required = [], additionalProperties } = schema;
  const members = Object.entries(properties as { [name: string]: JsonSchema });
  if (members.length === 0 && typeof additionalProperties === "object")
    return fc.dictionary(fc.string({ maxLength: 5 }), valueOf(additionalProperties as JsonSchema), {
      maxKeys: 2,
    });
  const alternatives = ((schema["anyOf"] ?? schema["oneOf"] ?? [{}]) as { required?: string[] }[]).map(
    (one) => one.required ?? [],
  );
  const names = members.map(([name]) => name);
  const isOneOnly = schema["oneOf"] !== undefined;
  return fc
    .tuple(
      fc.constantFrom(...alternatives),
      fc.subarray(names, { maxLength: Math.min(names.length, MAX_ITEMS) }),
    )
    .chain(([alternative, some]) => {
      const left = isOneOnly ? alternatives.flat().filter((name) => !alternative.includes(name)) : [];
      const chosen = new Set(
        [...(required as string[]), ...alternative, ...some].filter((name) => !left.includes(name)),
      );
      const kept = members.filter(([name]) => chosen.has(name));
      return fc.record(Object.fromEntries(kept.map(([name, member]) => [name, valueOf(member)])));
    });
}

/** A body that fits the document. Null: the route takes none. */
export function bodyOf(route: RouteName): fc.Arbitrary<object> | null {
  const { body } = ROUTE_DOCS[route];
  if (!body) return null;
  return fc.oneof(fc.constant(body.example), valueOf(bodySchema(body)) as fc.Arbitrary<object>);
}

/** A query that fits the document. */
export function queryOf(route: RouteName): fc.Arbitrary<string> {
  const parameters = Object.entries(ROUTE_DOCS[route].query ?? {});
  const values = parameters.map(([name, { schema, isRequired }]) => {
    const value = valueOf(schema).map(
      (given) => `${name}=${encodeURIComponent(String(given).toWellFormed())}`,
    );
    return isRequired ? value : fc.option(value, { nil: "" });
  });
  return fc.tuple(...values).map((given) => given.filter((text) => text !== "").join("&"));
}
