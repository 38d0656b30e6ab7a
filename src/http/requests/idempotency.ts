// Reads the Idempotency-Key header and hashes the request, so that a repeat with another body is recognised.
import type { Idempotency } from "../../contract/registry.ts";
import type { FieldError } from "../problems/field-errors.ts";

export type IdempotencyAnswer =
  { ok: true; idempotency: Idempotency | null } | { ok: false; error: FieldError };

const HEADER = "Idempotency-Key";

/** Hashes the meaning of the JSON. Spaces and the order of members do not change the hash. */
export async function idempotencyOf(headers: Headers, json: unknown): Promise<IdempotencyAnswer> {
  const key = headers.get(HEADER);
  if (key === null) return { ok: true, idempotency: null };
  const keyed = await keyedBy(key, json);
  return keyed.ok ? keyed : { ok: false, error: { header: HEADER, detail: keyed.detail } };
}

/** The checked key of a request over HTTP or over the service binding. */
export async function keyedBy(
  key: unknown,
  json: unknown,
): Promise<{ ok: true; idempotency: Idempotency } | { ok: false; detail: string }> {
  if (typeof key !== "string" || !/^[\x20-\x7e]{1,255}$/.test(key)) {
    return { ok: false, detail: "expected 1 to 255 printable ASCII characters" };
  }
  return { ok: true, idempotency: { key, bodyHash: await sha256Hex(canonicalJson(json)) } };
}

/** The text of a JSON value, with the members of every JSON object sorted. */
export function canonicalJson(json: unknown): string {
  return JSON.stringify(json, (_key, value: unknown) => {
    if (value === null || typeof value !== "object" || Array.isArray(value)) return value;
    return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
  });
}

async function sha256Hex(text: string): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
