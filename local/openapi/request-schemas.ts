// The schemas of request bodies. They are made of the same fields that the routes read. Every JSON object refuses
// unknown fields.
import * as v from "valibot";
import { NAMED } from "./components.ts";
import { FIELD_TEXTS } from "./field-texts.ts";
import { withMeanings } from "./field-values.ts";
import { converted } from "./json-schema.ts";
import type { BodyDoc, JsonSchema } from "./route-doc.ts";

/** Fields whose default value comes from a var. */
const DEFAULT_IS_VAR = new Set(["rate", "max_lines_per_second", "max_suspect_ratio", "format"]);

export function bodySchema({ fields, keywords = {} }: BodyDoc): JsonSchema {
  const { properties: instead = {}, ...others } = keywords;
  const schema = converted(v.strictObject(fields), NAMED);
  const properties = Object.entries(schema["properties"] as { [field: string]: JsonSchema }).map(
    ([name, field]) => {
      const shown = instead[name] ?? withMeanings(name, field);
      const described = { ...shown, description: instead[name]?.["description"] ?? FIELD_TEXTS[name] };
      if (DEFAULT_IS_VAR.has(name)) delete (described as JsonSchema)["default"];
      return [name, described] as const;
    },
  );
  const { required = [], ...rest } = {
    ...schema,
    properties: Object.fromEntries(properties),
    ...others,
  } as JsonSchema;
  return { ...rest, ...((required as string[]).length > 0 && { required }) };
}
