// The receiver kind `http`: how a batch becomes a request, and which token it carries. Does no I/O.
import { createHash } from "node:crypto";
import { gzipSync } from "node:zlib";
import type { HttpPermit, TokenPlace } from "../contract/receivers.ts";
import { linesOfMember } from "../pipeline/send/slice-member.ts";
import type { HttpReceiver } from "./http-settings.ts";
import { maskOfSecrets, type Mask } from "./mask-signature.ts";

const LF = 0x0a;
const COMMA = 0x2c;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;
const TOKEN_HEX_DIGITS = 40;
/** Headers whose values are no secrets. */
const PLAIN_HEADERS = new Set(["accept", "content-type", "content-encoding", "user-agent"]);

/** What a token identifies. Runs over the same R2 object with the same settings make equal tokens. */
export interface TokenInput {
  /** How records become lines, as a text. */
  format: string;
  key: string;
  etag: string;
  ordinal: number;
  /** The digest of a part contains its range of lines. */
  digest: string;
}

export function batchToken({ format, key, etag, ordinal, digest }: TokenInput): string {
  const text = JSON.stringify([format, key, etag, ordinal, digest]);
  return createHash("sha256").update(text).digest("hex").slice(0, TOKEN_HEX_DIGITS);
}

export function httpRequest(
  { endpoint, uri, method, headers }: HttpReceiver,
  token: { place: TokenPlace | null; text: string },
): { url: string; method: "POST" | "PUT"; headers: Record<string, string>; mask: Mask } {
  const base = endpoint + uri;
  const { place, text } = token;
  const joint = uri.includes("?") ? "&" : "?";
  const url = place?.in === "query" ? `${base}${joint}${encodeURIComponent(place.name)}=${text}` : base;
  const all = place?.in === "header" ? { ...headers, [place.name]: text } : headers;
  return { url, method, headers: all, mask: maskOfSecrets([url, base], secretsOf(headers, uri)) };
}

/** Values of headers and of the query. The scheme before a credential, such as "Bearer", is not a secret. */
function secretsOf(headers: Record<string, string>, uri: string): string[] {
  const values = Object.entries(headers).filter(([name]) => !PLAIN_HEADERS.has(name.toLowerCase()));
  const query = [...new URL(`http://receiver.invalid${uri}`).searchParams.values()];
  const credentials = values.map(([, value]) => value.replace(/^[A-Za-z][A-Za-z0-9-]* (?=\S)/, ""));
  // A value with a space is a statement of a query language, and is not masked. Receivers repeat such a statement
  // in useful error messages.
  return [...credentials, ...query.filter((value) => !value.includes(" "))];
}

/**
 * The body of a request. If the settings ask for no other body, the gzip member of the pack is sent unchanged.
 * @throws RangeError when the member has fewer lines than `slice` asks for.
 */
export function httpBody(
  member: Uint8Array,
  slice: { from: number; lines: number } | null,
  { form, beforeEach, memberToken }: Pick<HttpPermit, "form" | "beforeEach" | "memberToken">,
  { gzip, level }: { gzip: boolean; level: number },
): Uint8Array {
  if (gzip && slice === null && form === "lines" && beforeEach === null) return member;
  const lines = linesOfMember(member, slice);
  const from = slice?.from ?? 0;
  const body =
    form === "json-array"
      ? asArray(lines)
      : beforeEach === null
        ? lines
        : withLineBefore(lines, (line) => beforeEach.replaceAll("{id}", `${memberToken}-${from + line}`));
  return gzip ? gzipSync(body, { level }) : body;
}

/** Each line ends in LF, and JSON text of one line contains no other LF. */
function asArray(lines: Uint8Array): Uint8Array {
  const array = new Uint8Array(Math.max(2, lines.length + 1));
  array[0] = OPEN_BRACKET;
  array.set(lines, 1);
  for (let at = array.indexOf(LF); at >= 0; at = array.indexOf(LF, at + 1)) array[at] = COMMA;
  array[array.length - 1] = CLOSE_BRACKET;
  return array;
}

/** `before` makes the line that comes before line `line`, counted from 0. */
function withLineBefore(lines: Uint8Array, before: (line: number) => string): Uint8Array {
  const parts: Uint8Array[] = [];
  const encoder = new TextEncoder();
  for (let start = 0, line = 0; start < lines.length; line += 1) {
    const end = lines.indexOf(LF, start) + 1 || lines.length;
    parts.push(encoder.encode(`${before(line)}\n`), lines.subarray(start, end));
    start = end;
  }
  return Buffer.concat(parts);
}
