// Turns valibot schemas into JSON Schema 2020-12. Wherever a named schema occurs, the output contains a reference to
// it.
import { toJsonSchema } from "@valibot/to-json-schema";
import * as v from "valibot";
import type { JsonSchema } from "./route-doc.ts";

/** A reference to a named schema. */
export function schemaNamed(name: string): JsonSchema {
  return { $ref: `#/components/schemas/${name}` };
}

export interface Named {
  /** The named schemas. The output refers to them. */
  components: { [name: string]: v.GenericSchema };
  /** JSON Schemas for formats that valibot can check only with code. The key is the first item of the valibot pipe. */
  instead: ReadonlyMap<unknown, JsonSchema>;
}

export function converted(schema: v.GenericSchema, { components, instead }: Named): JsonSchema {
  const { $schema: _dialect, ...json } = toJsonSchema(schema, {
    target: "draft-2020-12",
    typeMode: "input",
    ignoreActions: ["check", "trim"],
    overrideSchema: ({ valibotSchema }) => {
      const replaced = instead.get(valibotSchema);
      return replaced && { ...replaced };
    },
  });
  const { title: _name, ...top } = json;
  return Object.fromEntries(
    Object.entries(top)
      .filter(adds)
      .map(([name, member]) => [name, tidied(member, components)]),
  );
}

/** Replaces named schemas by references. The converter writes a schema out in full at each place, with its name as
 * title. */
function tidied(value: unknown, components: Named["components"]): unknown {
  if (Array.isArray(value)) return value.map((item) => tidied(item, components));
  if (typeof value !== "object" || value === null) return value;
  const { title, description } = value as JsonSchema;
  const component = typeof title === "string" ? components[title] : undefined;
  if (component) {
    const isOwn = description !== v.getDescription(component);
    return { ...schemaNamed(String(title)), ...(isOwn && { description }) };
  }
  const members = Object.entries(value).filter(adds);
  return Object.fromEntries(members.map(([name, member]) => [name, tidied(member, components)]));
}

/** False for keywords that allow every value. */
function adds([name, member]: [string, unknown]): boolean {
  const text = JSON.stringify(member);
  return (
    !(name === "propertyNames" && text === '{"type":"string"}') && !(name === "required" && text === "[]")
  );
}
