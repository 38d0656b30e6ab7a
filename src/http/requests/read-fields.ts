// Checks the fields of a JSON object and returns all errors at once. Does no I/O. Refuses unknown fields, because a
// misspelt option must not silently mean its default.
import * as v from "valibot";
import { fieldErrors, type FieldError, unknownField } from "../problems/field-errors.ts";

export type FieldsAnswer<Fields> = { ok: true; fields: Fields } | { ok: false; errors: FieldError[] };

export function readFields<const Entries extends v.ObjectEntries>(
  entries: Entries,
  json: unknown,
): FieldsAnswer<v.InferOutput<v.ObjectSchema<Entries, undefined>>> {
  if (json === null || typeof json !== "object" || Array.isArray(json)) {
    return { ok: false, errors: [{ pointer: "#", detail: "expected a JSON object" }] };
  }
  const parsed = v.safeParse(v.object(entries), json);
  const unknown = Object.keys(json).filter((name) => !Object.hasOwn(entries, name));
  if (parsed.success && unknown.length === 0) return { ok: true, fields: parsed.output };
  return { ok: false, errors: [...fieldErrors(parsed.issues ?? []), ...unknown.map(unknownField)] };
}
