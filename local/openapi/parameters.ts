// The query parameters that several routes have in common.
import { PAGE_LIMIT } from "../../src/http/requests/limits.ts";
import { schemaNamed } from "./json-schema.ts";
import type { JsonSchema, QueryParameter } from "./route-doc.ts";

export const PAGE = {
  limit: {
    description: "The most items of the page.",
    schema: {
      type: "integer",
      minimum: PAGE_LIMIT.min,
      maximum: PAGE_LIMIT.max,
      default: PAGE_LIMIT.default,
    },
  },
  cursor: {
    description: "The `next_cursor` of the previous page.",
    schema: { type: "string", maxLength: 1_000 },
  },
} satisfies { [name: string]: QueryParameter };

/** The parameter that chooses a receiver. */
export function receiver(description: string): { receiver: QueryParameter } {
  return { receiver: { description, schema: { type: "string", maxLength: 24 } } };
}

/** The parameter that filters a list by one or several states. */
export function states(description: string, schema: JsonSchema): QueryParameter {
  return { description, schema, isList: true };
}

export function flag(description: string): QueryParameter {
  return { description, schema: { type: "boolean" } };
}

export function instant(description: string, isRequired?: true): QueryParameter {
  return { description, schema: schemaNamed("Instant"), ...(isRequired && { isRequired }) };
}
