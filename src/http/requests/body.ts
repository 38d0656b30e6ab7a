// Reads a request's body as JSON, whatever its Content-Type says. Keeps a limited number of bytes in memory, with or
// without a Content-Length. Never throws.
import { jsonFault } from "../../contract/json-text.ts";
import { pointerTo } from "../problems/field-errors.ts";
import { MAX_BODY_BYTES } from "./limits.ts";
import type { Refusal } from "../problems/problems.ts";

export type BodyAnswer = { ok: true; json: unknown } | { ok: false; refusal: Refusal };

/** `empty` is the value of an empty body. Without it, an empty body is refused. */
export async function readJson(
  request: Request,
  empty?: unknown,
  maxBytes: number = MAX_BODY_BYTES,
): Promise<BodyAnswer> {
  let bytes: Uint8Array | null;
  try {
    bytes = await readBytes(request, maxBytes);
  } catch {
    // The client closed the connection, or sent fewer bytes than Content-Length.
    return notJson("the body ended early");
  }
  if (bytes === null) return { ok: false, refusal: { code: "body_too_large", maxBytes } };
  if (bytes.length === 0)
    return empty === undefined ? notJson("the body is empty") : { ok: true, json: empty };
  let text: string;
  let json: unknown;
  try {
    text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: false }).decode(bytes);
    json = JSON.parse(text);
  } catch {
    // The parser's own message would quote the body.
    return notJson("the body cannot be parsed as UTF-8 JSON");
  }
  const fault = jsonFault(text);
  if (fault === null) return { ok: true, json };
  const pointer = pointerTo(fault.member === null ? [] : [fault.member]);
  return { ok: false, refusal: { code: "invalid_body", errors: [{ pointer, detail: fault.detail }] } };
}

/** Reads the body of a request. Null: it has more than `maxBytes`. */
async function readBytes(request: Request, maxBytes: number): Promise<Uint8Array | null> {
  if (Number(request.headers.get("Content-Length") ?? 0) > maxBytes) return null;
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of request.body ?? []) {
    length += chunk.length;
    if (length > maxBytes) return null;
    chunks.push(chunk);
  }
  const bytes = new Uint8Array(length);
  let offset = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, offset);
    offset += chunk.length;
  }
  return bytes;
}

function notJson(detail: string): BodyAnswer {
  return { ok: false, refusal: { code: "body_not_json", detail } };
}
