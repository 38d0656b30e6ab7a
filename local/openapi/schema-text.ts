// Writes a JSON Schema as a short phrase for a table cell. Writes the schema of a JSON object as table rows, one
// for each member.
import type { JsonSchema } from "./route-doc.ts";

/** If an enum has more values than this, a cell does not list them. */
const MAX_VALUES = 12;

/** Rows with three cells: member, type and meaning. The names of an inner object's members begin with the name of
 * the inner object. */
export function memberRows(schema: JsonSchema, prefix = ""): string[][] {
  const properties = Object.entries((schema["properties"] ?? {}) as { [name: string]: JsonSchema });
  const required = (schema["required"] ?? []) as string[];
  return properties.flatMap(([name, member]) => {
    const path = prefix + name;
    const [inner, isNullable] = withoutNull(member);
    const suffix = required.includes(name) ? "" : ", optional";
    const value = `${valueText(inner)}${isNullable ? " or null" : ""}${suffix}`;
    const row = [`\`${path}\``, value, text(member["description"] ?? inner["description"] ?? "")];
    const item = inner["type"] === "array" ? (inner["items"] as JsonSchema | undefined) : undefined;
    if (isObject(inner)) return [row, ...memberRows(inner, `${path}.`)];
    if (item && isObject(item)) return [row, ...memberRows(item, `${path}[].`)];
    return [row, ...variantsOf(inner).flatMap((variant) => rowsOfVariant(variant, `${path}.`))];
  });
}

/** The meaning of each member begins with the description of the variant. */
function rowsOfVariant(variant: JsonSchema, prefix: string): string[][] {
  const about = text(variant["description"] ?? "");
  return memberRows(variant, prefix).map(([name = "", value = "", meaning]) => [
    name,
    value,
    `${about} ${meaning}`.trim(),
  ]);
}

/** Rows with three cells: member, value and meaning. Only for members whose values have a meaning each. */
export function meaningRows(schema: JsonSchema, prefix = ""): string[][] {
  const properties = Object.entries((schema["properties"] ?? {}) as { [name: string]: JsonSchema });
  return properties.flatMap(([name, member]) => {
    const path = prefix + name;
    const [inner] = withoutNull(member);
    const item = (inner["items"] ?? {}) as JsonSchema;
    const rows = valueRows(member).map((row) => [`\`${path}\``, ...row]);
    return [...rows, ...meaningRows(inner, `${path}.`), ...meaningRows(item, `${path}[].`)];
  });
}

/** Rows with two cells: each value of the enum in the schema of one member, and its meaning. */
export function valueRows(schema: JsonSchema): string[][] {
  const { items, additionalProperties, anyOf } = schema;
  const inner = [items, additionalProperties, ...((anyOf ?? []) as unknown[])].filter(
    (one): one is JsonSchema => typeof one === "object" && one !== null,
  );
  const meanings = Object.entries((schema["x-enumDescriptions"] ?? {}) as { [value: string]: string });
  const rows = [
    ...meanings.map(([value, meaning]) => [`\`${value}\``, meaning]),
    ...inner.flatMap(valueRows),
  ];
  return rows.filter(([value], n) => rows.findIndex(([other]) => other === value) === n);
}

/** The JSON objects of which a value is one. Empty: the value is not one of several JSON objects. */
export function variantsOf(schema: JsonSchema): JsonSchema[] {
  const variants = (schema["anyOf"] ?? schema["oneOf"] ?? []) as JsonSchema[];
  return variants.filter(({ properties }) => properties !== undefined);
}

function isObject(schema: JsonSchema): boolean {
  return schema["properties"] !== undefined && Object.keys(schema["properties"] as object).length > 0;
}

function withoutNull(schema: JsonSchema): [schema: JsonSchema, isNullable: boolean] {
  const parts = schema["anyOf"] as JsonSchema[] | undefined;
  const others = parts?.filter(({ type }) => type !== "null") ?? [];
  if (!parts || others.length === parts.length) return [schema, false];
  return [others.length === 1 ? { ...others[0] } : { ...schema, anyOf: others }, true];
}

export function valueText(schema: JsonSchema): string {
  const { $ref, const: only, enum: values, anyOf, oneOf, type, items } = schema;
  if (typeof $ref === "string") return linkTo($ref.split("/").at(-1) ?? "");
  if (only !== undefined) return `\`${text(only)}\``;
  if (Array.isArray(values)) return valuesText(values);
  const parts = (anyOf ?? oneOf) as JsonSchema[] | undefined;
  if (parts) return parts.every(isObject) ? "one of several objects" : parts.map(valueText).join(" or ");
  if (type === "array") return listText(schema, items as JsonSchema | undefined);
  if (type === "integer" || type === "number") return numberText(schema);
  if (type === "string")
    return schema["maxLength"] === undefined
      ? "text"
      : `text, at most ${grouped(schema["maxLength"])} characters`;
  if (type === "null") return "null";
  if (type === "boolean") return "`true` or `false`";
  if (type === "object") {
    const each = schema["additionalProperties"];
    return typeof each === "object" && each !== null && Object.keys(each).length > 0
      ? `object of ${valueText(each as JsonSchema)}`
      : "object";
  }
  return "any JSON";
}

function linkTo(name: string): string {
  return `[${name}](#${name.toLowerCase()})`;
}

function valuesText(values: unknown[]): string {
  if (values.length > MAX_VALUES) return `one of ${values.length} codes`;
  return values.map((value) => `\`${text(value)}\``).join(", ");
}

function listText({ minItems, maxItems, prefixItems }: JsonSchema, items: JsonSchema | undefined): string {
  if (Array.isArray(prefixItems)) return `list of ${prefixItems.length} numbers`;
  const what = items === undefined ? "any JSON" : isObject(items) ? "objects" : valueText(items);
  if (typeof maxItems !== "number") return `list of ${what}`;
  return `list of ${grouped(minItems ?? 0)} to ${grouped(maxItems)} ${what}`;
}

function numberText({ type, minimum, maximum }: JsonSchema): string {
  const kind = type === "integer" ? "whole number" : "number";
  if (typeof maximum === "number" && maximum < Number.MAX_SAFE_INTEGER)
    return `${kind} from ${grouped(minimum ?? 0)} to ${grouped(maximum)}`;
  return typeof minimum === "number" && minimum !== 0 ? `${kind} from ${grouped(minimum)}` : kind;
}

function grouped(value: unknown): string {
  return Number(value).toLocaleString("en-US").replaceAll("-", "−");
}

/** Writes a value without quotes. */
function text(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}
