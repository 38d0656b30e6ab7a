// The kinds of vars and secrets: which texts a kind accepts, which values they become, and how a document describes
// them. A message never repeats the value: a secret typed into the wrong var must not reach a log or an answer.
import * as v from "valibot";
import { AUTO_REPLAY_MODES } from "../contract/auto-replay.ts";
import { jsonOf } from "../contract/json-text.ts";
import { LINE_FORMATS } from "../contract/line-formats.ts";
import { RUN_PREFIXES } from "../contract/own-prefixes.ts";
import { SERVICE_ROLES, type ServiceRole } from "../contract/service.ts";
import { EXPECTED_ENDPOINT, EXPECTED_URI, endpointOf, uriOf } from "../receivers/receiver-url.ts";
import { compileSuccessPattern } from "./success-pattern.ts";
import { SECOND_MS, MINUTE_MS } from "../contract/time-units.ts";

export const LOG_LEVELS = ["debug", "info", "warn", "error"] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/** The hosts that are this machine, for which `http` is allowed. */
const LOOPBACK = new Set(["127.0.0.1", "localhost", "[::1]"]);

export function isLoopback(hostname: string): boolean {
  return LOOPBACK.has(hostname);
}

export interface VarKind<S extends v.GenericSchema = v.GenericSchema> {
  /** The accepted values, as a document shows them. */
  values: string;
  schema: S;
}

function kind<S extends v.GenericSchema>(values: string, schema: S): VarKind<S> {
  return { values, schema };
}

function integer(min: number, max: number) {
  const expected = `expected a whole number from ${min} to ${max}`;
  return v.pipe(
    v.string(expected),
    v.regex(/^\d{1,15}$/, expected),
    v.transform(Number),
    v.minValue(min, expected),
    v.maxValue(max, expected),
  );
}

export function wholeNumber(min: number, max: number, unit: string) {
  return kind(`${min}–${max} ${unit}`, integer(min, max));
}

/** A whole number of minutes, converted to milliseconds. */
export function minutes(min: number, max: number) {
  const toMs = v.transform((count: number) => count * MINUTE_MS);
  return kind(`${min}–${max} minutes`, v.pipe(integer(min, max), toMs));
}

/** A whole number of seconds, converted to milliseconds. */
export function seconds(min: number, max: number) {
  const toMs = v.transform((count: number) => count * SECOND_MS);
  return kind(`${min}–${max} seconds`, v.pipe(integer(min, max), toMs));
}

export function wholeNumberOrAuto(min: number, max: number) {
  const expected = `expected a whole number from ${min} to ${max}, or "auto"`;
  return kind(`${min}–${max}, or \`auto\``, v.union([v.literal("auto"), integer(min, max)], expected));
}

/** The kind of a share. Accepts only plain decimals. `Number` also accepts "0x1", " " and "1e-2", which are typing
 * mistakes here. */
export const RATIO = kind(
  "0–1",
  v.pipe(
    v.string("expected a number from 0 to 1"),
    v.regex(/^(?:0(?:\.\d{1,9})?|1(?:\.0{1,9})?)$/, "expected a number from 0 to 1, such as 0.01"),
    v.transform(Number),
  ),
);

/** The kind of the kill switch. No text is a fault: a kill switch that cannot be read means "off". */
export const SWITCH = kind(
  "`true`; all else is off",
  v.pipe(
    v.unknown(),
    v.transform((value) => value === "true"),
  ),
);

export const PREFIX = kind(
  "empty, or ends in `/`",
  v.pipe(
    v.string("expected text"),
    v.check((prefix) => prefix === "" || prefix.endsWith("/"), 'expected "" or a prefix that ends in "/"'),
    v.check((prefix) => !prefix.startsWith("/"), 'expected a prefix that does not start with "/"'),
    v.check(
      (prefix) => !RUN_PREFIXES.some((own) => prefix.startsWith(own)),
      `expected a prefix outside ${RUN_PREFIXES.join(" and ")}`,
    ),
  ),
);

/** An empty text is refused, because every key of the bucket would then count as a possible marker. */
export const LIVE_FOLDER = kind(
  "ends in `/`",
  v.pipe(
    v.string("expected text"),
    v.regex(/^[^/].*\/$/, 'expected a prefix that ends in "/" and does not start with it'),
    v.check(
      (prefix) => !RUN_PREFIXES.some((own) => prefix.startsWith(own)),
      `expected a prefix outside ${RUN_PREFIXES.join(" and ")}`,
    ),
  ),
);

/** An empty text becomes null. */
export const LIVE_BATCH = kind(
  "1–100000 records",
  v.pipe(
    v.string("expected text"),
    v.regex(/^(?:[1-9]\d{0,4}|100000)?$/, "expected a whole number from 1 to 100000"),
    v.transform((text) => (text === "" ? null : Number(text))),
  ),
);

export const IDENTIFIER = kind(
  "1–64 of `A–Z a–z 0–9 . _ -`",
  v.pipe(
    v.string("expected text"),
    v.regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/, "expected 1 to 64 letters, digits, '.', '_' or '-'"),
  ),
);

export const LEVEL = kind(
  LOG_LEVELS.map((level) => `\`${level}\``).join(", "),
  v.picklist(LOG_LEVELS, `expected one of ${LOG_LEVELS.join(", ")}`),
);

export const AUTO_MODE = kind(
  AUTO_REPLAY_MODES.map((mode) => `\`${mode}\``).join(", "),
  v.picklist(AUTO_REPLAY_MODES, `expected one of ${AUTO_REPLAY_MODES.join(", ")}`),
);

export const FORMAT = kind(
  LINE_FORMATS.map((format) => `\`${format}\``).join(", "),
  v.picklist(LINE_FORMATS, `expected one of ${LINE_FORMATS.join(", ")}`),
);

/** A constant of the line. Empty text and white space alone become null. A control character would forge a field or
 * a line. */
export const FIELD_TEXT = kind(
  "1–200 characters without control characters",
  v.pipe(
    v.string("expected text"),
    v.maxLength(200, "expected at most 200 characters"),
    // oxlint-disable-next-line no-control-regex
    v.regex(/^[^\u0000-\u001f\u007f]*$/, "expected text without control characters"),
    v.transform((text) => (text.trim() === "" ? null : text)),
  ),
);

export const PATTERN = kind(
  "RE2 syntax, ≤ 1000 characters",
  v.pipe(
    v.string("expected text"),
    v.check(
      (source) => source === "" || compileSuccessPattern(source) !== null,
      "expected a regular expression of RE2's syntax (no lookaround, no backreference), at most 1000 characters",
    ),
    v.transform((source) => (source === "" ? null : compileSuccessPattern(source))),
  ),
);

/** An empty text counts as missing: an operator leaves a secret empty while setting up a deployment. */
const textOrNull = v.pipe(
  v.string("expected text"),
  v.transform((text) => text || null),
);

export const TEXT = kind("text", textOrNull);

export const ORIGIN = kind(
  "scheme and host",
  v.pipe(
    textOrNull,
    v.check((url) => url === null || endpointOf(url) !== null, EXPECTED_ENDPOINT),
  ),
);

export const URI = kind(
  "a path, with or without a query",
  v.pipe(
    textOrNull,
    v.check((uri) => uri === null || uriOf(uri) !== null, EXPECTED_URI),
  ),
);

const EXPECTED_ROLES = `expected a JSON object that maps up to 100 names of bindings, each once, to ${SERVICE_ROLES.map((role) => JSON.stringify(role)).join(" or ")}`;

/** An empty text becomes null. */
export const BINDING_ROLES = kind(
  "JSON: name to `viewer` or `operator`",
  v.pipe(
    v.string(EXPECTED_ROLES),
    v.check((text) => text === "" || rolesIn(text) !== null, EXPECTED_ROLES),
    v.transform((text) => rolesIn(text)),
  ),
);

/** The roles in a JSON text. Null: the text is not such a JSON object, or has a name twice, so that its role would be
 * unclear. */
function rolesIn(text: string): Record<string, ServiceRole> | null {
  const json = jsonOf(text);
  const parsed = v.safeParse(
    v.record(v.pipe(v.string(), v.minLength(1), v.maxLength(100)), v.picklist(SERVICE_ROLES)),
    json,
  );
  if (!parsed.success || Array.isArray(json)) return null;
  const names = Object.keys(parsed.output).length;
  return names > 0 && names <= 100 ? parsed.output : null;
}

export const TEAM_DOMAIN = kind(
  "an origin",
  v.pipe(
    textOrNull,
    v.check(
      (url) => url === null || teamOrigin(url) !== null,
      "expected an origin like https://team.cloudflareaccess.com (http:// on this machine only)",
    ),
    v.transform((url) => (url === null ? null : teamOrigin(url))),
  ),
);

/** The dashboard shows the id of the application next to this tag. The id has another form. */
export const AUDIENCE = kind(
  "64 digits from 0–9 and a–f",
  v.pipe(
    textOrNull,
    v.check(
      (tag) => tag === null || /^[0-9a-f]{64}$/.test(tag),
      "expected an Application Audience (AUD) tag: 64 digits from 0 to 9 and a to f",
    ),
  ),
);

/** The origin of a team domain. Null for anything but an https origin. Without TLS, anyone on the network path
 * could serve false keys. */
function teamOrigin(text: string): string | null {
  if (!URL.canParse(text)) return null;
  const { origin, protocol, hostname } = new URL(text);
  const isSafe = protocol === "https:" || (protocol === "http:" && isLoopback(hostname));
  return isSafe && (text === origin || text === `${origin}/`) ? origin : null;
}
