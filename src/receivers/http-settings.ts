// Reads the secret RECEIVER, which describes a receiver of the kind `http`. A fault names a place by its JSON pointer and
// the accepted values. It never repeats a text of the secret, and so no name of a header. Does no I/O.
import * as v from "valibot";
import { jsonOf } from "../contract/json-text.ts";
import { BODY_FORMS, type HttpSending, type RecordForm, type RecordMember } from "../contract/receivers.ts";
import type { AnswerRule } from "./answer-rule.ts";
import { faultText } from "./fault-text.ts";
import { Success, ruleOf } from "./success-settings.ts";

/** Contains secrets, so it is never logged, stored or shown. */
export interface HttpReceiver {
  kind: "http";
  /** Scheme and host. */
  endpoint: string;
  /** Path and query. */
  uri: string;
  spellings: [endpoint: string, uri: string][];
  method: "POST" | "PUT";
  headers: Record<string, string>;
  gzip: boolean;
  /** What a new run freezes. */
  sending: HttpSending;
  /** Null: the lines are lines of the run's format. */
  record: RecordForm | null;
  /** Null: SUCCESS_PATTERN or the comparison of answers decides. */
  success: AnswerRule | null;
}

const MAX_HEADERS = 30;
const MAX_MEMBERS = 100;
const OWN_HEADERS = new Set([
  "connection",
  "content-encoding",
  "content-length",
  "host",
  "transfer-encoding",
]);

const NAME = "expected 1 to 100 characters of a header name";
const HeaderName = v.pipe(v.string(NAME), v.regex(/^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}$/, NAME));
const VALUE = "expected 1 to 4096 printable ASCII characters";
const HeaderValue = v.pipe(v.string(VALUE), v.regex(/^[ -~]{1,4096}$/, VALUE));
const EXPECTED_HEADERS = `expected an object of at most ${MAX_HEADERS} headers, each once, without ${[...OWN_HEADERS].join(", ")}`;
const URL_TEXT =
  "expected an http:// or https:// URL of at most 2048 characters without user name and fragment";
const MEMBERS = `expected an object of 1 to ${MAX_MEMBERS} names, each with the name of a record's member`;
const MemberName = v.pipe(v.string(MEMBERS), v.minLength(1, MEMBERS), v.maxLength(100, MEMBERS));
const BEFORE = "expected one line of JSON of at most 1000 characters, with {id} for the id of the line";
const TOKEN = 'expected {"header": "…"} or {"query": "…"}';
const QueryName = v.pipe(
  v.string(TOKEN),
  v.regex(/^[A-Za-z0-9._~-]{1,100}$/, "expected 1 to 100 letters, digits, '.', '_', '~' or '-'"),
);
const UNKNOWN = "expected no other member";

/** A shorter memory ends before the longest attempt, so it would never count. */
const SECONDS = "expected a whole number from 1800 to 31536000";
const Seconds = v.pipe(
  v.number(SECONDS),
  v.integer(SECONDS),
  v.minValue(1_800, SECONDS),
  v.maxValue(31_536_000, SECONDS),
);

const Body = v.pipe(
  v.strictObject(
    {
      form: v.optional(
        v.picklist(["ndjson", "json-array", "line"], "expected ndjson, json-array or line"),
        "ndjson",
      ),
      members: v.optional(
        v.pipe(
          v.record(MemberName, MemberName, MEMBERS),
          v.check((members) => isCount(Object.keys(members).length, MAX_MEMBERS), MEMBERS),
        ),
      ),
      before_each: v.optional(v.pipe(v.string(BEFORE), v.check(isAction, BEFORE))),
    },
    UNKNOWN,
  ),
  v.forward(
    v.check(({ form, members }) => form !== "line" || members === undefined, "does not fit to the form line"),
    ["members"],
  ),
  v.forward(
    v.check(
      ({ form, before_each: line }) => form === "ndjson" || line === undefined,
      "needs the form ndjson",
    ),
    ["before_each"],
  ),
);

const Settings = v.pipe(
  v.strictObject(
    {
      url: v.pipe(v.string(URL_TEXT), v.check(isUsable, URL_TEXT)),
      method: v.optional(v.picklist(["POST", "PUT"], "expected POST or PUT"), "POST"),
      headers: v.optional(
        v.pipe(v.record(HeaderName, HeaderValue, EXPECTED_HEADERS), v.check(areUsable, EXPECTED_HEADERS)),
        {},
      ),
      gzip: v.optional(v.boolean("expected true or false"), true),
      body: v.optional(Body, {}),
      token: v.optional(
        v.union(
          [v.strictObject({ header: HeaderName }), v.strictObject({ query: QueryName })],
          `${TOKEN}, and a name that the request does not have yet`,
        ),
      ),
      dedupes: v.optional(v.strictObject({ window_seconds: Seconds }, UNKNOWN)),
      success: v.optional(Success),
    },
    UNKNOWN,
  ),
  v.forward(
    v.check(
      ({ token, headers, url }) => token === undefined || isFree(token, headers, url),
      "expected a name that the request does not have yet",
    ),
    ["token"],
  ),
  v.forward(
    v.check(
      ({ dedupes, token, body }) =>
        dedupes === undefined || token !== undefined || body.before_each?.includes("{id}") === true,
      "needs a token, or an id in before_each",
    ),
    ["dedupes"],
  ),
);

export type HttpRead = { ok: true; receiver: HttpReceiver } | { ok: false; faults: string[] };

const EXPECTED_JSON = 'expected a JSON object such as {"url": "https://…"}, each member once';

export function readHttpReceiver(text: string): HttpRead {
  const json = jsonOf(text);
  if (json === null || typeof json !== "object" || Array.isArray(json))
    return { ok: false, faults: [EXPECTED_JSON] };
  return readHttpSettings(json);
}

/** `json` is the parsed value of RECEIVER, or of one receiver of RECEIVERS. */
export function readHttpSettings(json: object): HttpRead {
  const parsed = v.safeParse(Settings, json);
  if (!parsed.success) return { ok: false, faults: [...new Set(parsed.issues.map(faultOf))] };
  const { url, method, headers, gzip, body, token, dedupes, success } = parsed.output;
  const { origin, pathname, search } = new URL(url);
  const uri = pathname + search;
  const form = body.form === "json-array" ? "json-array" : "lines";
  const record = body.form === "line" ? null : recordOf(body.members);
  const type = body.form === "line" ? "text/plain; charset=utf-8" : TYPES[form];
  const hasType = Object.keys(headers).some((name) => name.toLowerCase() === "content-type");
  return {
    ok: true,
    receiver: {
      kind: "http",
      endpoint: origin,
      uri,
      spellings: [[origin, uri]],
      method,
      headers: {
        ...(!hasType && { "Content-Type": type }),
        ...headers,
        ...(gzip && { "Content-Encoding": "gzip" }),
      },
      gzip,
      sending: {
        form,
        beforeEach: body.before_each ?? null,
        token: placeOf(token),
        ...(dedupes && { dedupesMs: dedupes.window_seconds * 1_000 }),
      },
      record,
      success: success === undefined ? null : ruleOf(success),
    },
  };
}

const TYPES: Record<(typeof BODY_FORMS)[number], string> = {
  lines: "application/x-ndjson",
  "json-array": "application/json",
};

function recordOf(members: Record<string, string> | undefined): RecordForm {
  return members === undefined ? "whole" : Object.entries(members).map((one): RecordMember => one);
}

function placeOf(token: { header: string } | { query: string } | undefined): HttpSending["token"] {
  if (token === undefined) return null;
  return "header" in token ? { in: "header", name: token.header } : { in: "query", name: token.query };
}

/** Names in the pointer that this file does not declare come from the secret, so they are left out. */
const KNOWN = new Set([
  "url", "method", "headers", "gzip", "body", "form", "members", "before_each", "token", "dedupes", "window_seconds", "success", "statuses",
  "pointer", "equals", "items", "accepted", "later",
]); // prettier-ignore

function faultOf(issue: v.BaseIssue<unknown>): string {
  const place = (issue.path ?? []).map(({ key }) => {
    if (typeof key === "number") return `/${key}`;
    return typeof key === "string" && KNOWN.has(key) ? `/${key}` : "/*";
  });
  return `${place.join("") || "/"}: ${faultText(issue)}`;
}

function isCount(count: number, most: number): boolean {
  return count > 0 && count <= most;
}

function isUsable(text: string): boolean {
  if (text.length > 2_048 || !URL.canParse(text)) return false;
  const { protocol, username, password, hash } = new URL(text);
  return (protocol === "https:" || protocol === "http:") && username + password + hash === "";
}

function areUsable(headers: Record<string, string>): boolean {
  const names = Object.keys(headers).map((name) => name.toLowerCase());
  return (
    names.length <= MAX_HEADERS &&
    new Set(names).size === names.length &&
    !names.some((name) => OWN_HEADERS.has(name))
  );
}

/** An id of a line. Outside quotation marks it is not JSON. */
const SAMPLE_ID = "a-0";

/** A line before each line must be JSON of one line once the id is in it. */
function isAction(text: string): boolean {
  return (
    text.length <= 1_000 && !/[\r\n]/.test(text) && jsonOf(text.replaceAll("{id}", SAMPLE_ID)) !== undefined
  );
}

function isFree(
  token: { header: string } | { query: string },
  headers: Record<string, string>,
  url: string,
): boolean {
  if ("query" in token) return !new URL(url).searchParams.has(token.query);
  const name = token.header.toLowerCase();
  const taken = [...Object.keys(headers), "Content-Type"].map((one) => one.toLowerCase());
  return !OWN_HEADERS.has(name) && !taken.includes(name);
}
