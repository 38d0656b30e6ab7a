// Vars and secrets → checked Config: the only reader of env strings.
// Never repeats a value in a fault: a secret typed into the wrong var must not reach a log or an answer.
import * as v from "valibot";
import { DAY_MS } from "../pipeline/calendar.ts";
import type { Secrets, Vars } from "./env.ts";
import { EXPECTED_ENDPOINT, EXPECTED_URI, endpointOf, keyOf, spellingsOf, uriOf } from "./receiver-url.ts";
import { compileSuccessPattern, type SuccessPattern } from "./success-pattern.ts";

export const LOG_LEVELS = ["debug", "info", "warn", "error"] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/** Where batches go. `key` signs; it is never logged, stored or shown. */
export interface Receiver {
  /** Scheme and host; never ends in a slash. */
  endpoint: string;
  /** Path, with a query where there is one: signed and sent as it stands. */
  uri: string;
  /** What joins the signature to the URI. */
  joint: "?" | "&";
  key: string;
  /** Endpoint and URI in every spelling that means the same. */
  spellings: [endpoint: string, uri: string][];
}

/** Whose assertions say who asks: a team of Cloudflare Access, and its application in front of this Worker. */
export interface Access {
  /** An origin; the issuer of its assertions, and where its keys are. */
  teamDomain: string;
  audience: string;
}

export const RECEIVER_SECRETS = ["CTYUN_ENDPOINT", "CTYUN_URI_EDGE", "CTYUN_PRIVATE_KEY"] as const;
export type ReceiverSecret = (typeof RECEIVER_SECRETS)[number];

export interface Config {
  /** The kill switch: anything but "true" starts nothing and suspends what runs. */
  enabled: boolean;
  rate: number | "auto";
  batchSize: number;
  maxLinesPerSecond: number;
  paceJitterMs: number;
  sendTimeoutMs: number;
  logPrefix: string;
  lateMarginMs: number;
  lookbackMs: number;
  singleStampSpanMs: number;
  maxLineBytes: number;
  maxSuspectRatio: number;
  cleanupGraceMs: number;
  receiverId: string;
  logLevel: LogLevel;
  /** Null while a secret is missing; `missingSecrets` names them. */
  receiver: Receiver | null;
  missingSecrets: ReceiverSecret[];
  /** Null: the API refuses everything but /health. */
  apiToken: string | null;
  /** Null: nobody is verified, and assertions are not looked at. */
  access: Access | null;
  /** When set, a 2xx counts as accepted only if its body matches. */
  successPattern: SuccessPattern | null;
  gzipLevel: 3;
}

/** A var or secret that cannot be used. `detail` says what is expected, never what stood there. */
export interface ConfigFault {
  name: string;
  detail: string;
}
export type ConfigAnswer = { ok: true; config: Config } | { ok: false; faults: ConfigFault[] };

/** Lines in a POST, as the partner takes them; also the range of a run's own `batch_size`. */
export const BATCH_SIZE_RANGE = { min: 100, max: 5_000 } as const;
/** Files enqueued per minute. */
export const RATE_RANGE = { min: 1, max: 100 } as const;

/** zlib level: +11 % of the bytes of level 6 for half of its CPU. */
const GZIP_LEVEL = 3;
/** Hosts that are this machine itself. */
const LOOPBACK = new Set(["127.0.0.1", "localhost", "[::1]"]);
const MINUTE_MS = 60_000;

function wholeNumber(min: number, max: number) {
  const expected = `expected a whole number from ${min} to ${max}`;
  return v.pipe(
    v.string(expected),
    v.regex(/^\d{1,15}$/, expected),
    v.transform(Number),
    v.minValue(min, expected),
    v.maxValue(max, expected),
  );
}

/** Plain decimals only: what `Number` also takes ("0x1", " ", "1e-2") is a slip of the keyboard. */
const SuspectRatio = v.pipe(
  v.string("expected a number from 0 to 1"),
  v.regex(/^(?:0(?:\.\d{1,9})?|1(?:\.0{1,9})?)$/, "expected a number from 0 to 1, such as 0.01"),
  v.transform(Number),
);

/** The run's own packs and reports live there; reading them as logs would feed a run with its own output. */
export const OWN_PREFIXES = ["processed-backfill/", "backfill-reports/"];

const LogPrefix = v.pipe(
  v.string("expected text"),
  v.check((prefix) => prefix === "" || prefix.endsWith("/"), 'expected "" or a prefix that ends in "/"'),
  v.check((prefix) => !prefix.startsWith("/"), 'expected a prefix that does not start with "/"'),
  v.check(
    (prefix) => !OWN_PREFIXES.some((own) => prefix.startsWith(own)),
    `expected a prefix outside ${OWN_PREFIXES.join(" and ")}`,
  ),
);

const Rate = v.union(
  [v.literal("auto"), wholeNumber(RATE_RANGE.min, RATE_RANGE.max)],
  `expected a whole number from ${RATE_RANGE.min} to ${RATE_RANGE.max}, or "auto"`,
);

const Pattern = v.pipe(
  v.string("expected text"),
  v.check(
    (source) => source === "" || compileSuccessPattern(source) !== null,
    "expected a regular expression of RE2's syntax (no lookaround, no backreference), at most 1000 characters",
  ),
  v.transform((source) => (source === "" ? null : compileSuccessPattern(source))),
);

/** An empty one is a missing one: that is how secrets look while a deployment is being set up. */
const TextOrNull = v.optional(v.pipe(v.string("expected text"), v.transform((text) => text || null)), ""); // prettier-ignore

const Endpoint = v.pipe(TextOrNull, v.check((url) => url === null || endpointOf(url) !== null, EXPECTED_ENDPOINT)); // prettier-ignore
const Uri = v.pipe(
  TextOrNull,
  v.check((uri) => uri === null || uriOf(uri) !== null, EXPECTED_URI),
);

const TeamDomain = v.pipe(
  TextOrNull,
  v.check(
    (url) => url === null || teamOrigin(url) !== null,
    "expected an origin like https://team.cloudflareaccess.com (http:// on this machine only)",
  ),
  v.transform((url) => (url === null ? null : teamOrigin(url))),
);
/** Application Audience tags look so; an application's id, which stands beside it in the dashboard, does not. */
const Audience = v.pipe(
  TextOrNull,
  v.check(
    (tag) => tag === null || /^[0-9a-f]{64}$/.test(tag),
    "expected an Application Audience (AUD) tag: 64 digits from 0 to 9 and a to f",
  ),
);

const VarsSchema = v.object({
  BACKFILL_ENABLED: v.optional(v.unknown()),
  BACKFILL_RATE: v.optional(Rate, "auto"),
  BATCH_SIZE: v.optional(wholeNumber(BATCH_SIZE_RANGE.min, BATCH_SIZE_RANGE.max), "1000"),
  // At least one smallest batch a second, else nothing could ever leave; ten million is far above any receiver.
  MAX_LINES_PER_SECOND: v.optional(wholeNumber(BATCH_SIZE_RANGE.min, 10_000_000), "100000"),
  PACE_JITTER_MS: v.optional(wholeNumber(0, 1_000), "50"),
  // A POST must end within the consumer's 15 minutes, with a minute to report it.
  SEND_TIMEOUT_MS: v.optional(wholeNumber(100, 840_000), "300000"),
  LOG_PREFIX: v.optional(LogPrefix, "logs/"),
  LATE_MARGIN_MINUTES: v.optional(wholeNumber(0, 1_440), "10"),
  LOOKBACK_MINUTES: v.optional(wholeNumber(0, 1_440), "60"),
  SINGLE_STAMP_SPAN_MS: v.optional(wholeNumber(0, DAY_MS), "300000"),
  MAX_LINE_BYTES: v.optional(wholeNumber(1_024, 16_777_216), "1048576"),
  MAX_SUSPECT_RATIO: v.optional(SuspectRatio, "0.01"),
  CLEANUP_GRACE_MS: v.optional(wholeNumber(0, 30 * DAY_MS), "7200000"),
  RECEIVER_ID: v.optional(
    v.pipe(
      v.string("expected text"),
      v.regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/, "expected 1 to 64 letters, digits, '.', '_' or '-'"),
    ),
    "ctyun",
  ),
  LOG_LEVEL: v.optional(v.picklist(LOG_LEVELS, `expected one of ${LOG_LEVELS.join(", ")}`), "info"),
  SUCCESS_PATTERN: v.optional(Pattern, ""),
  ACCESS_TEAM_DOMAIN: TeamDomain,
  ACCESS_AUD: Audience,
  CTYUN_ENDPOINT: Endpoint,
  CTYUN_URI_EDGE: Uri,
  CTYUN_PRIVATE_KEY: TextOrNull,
  API_TOKEN: TextOrNull,
});

/** Every var and secret that is read; a name that is close to one of them is probably a mistake (misspelt-vars.ts). */
export const VAR_NAMES: readonly string[] = Object.keys(VarsSchema.entries);

/** One half of the two would verify nobody, and look as if it did. */
const EnvSchema = v.pipe(
  VarsSchema,
  v.forward(
    v.partialCheck(
      [["ACCESS_TEAM_DOMAIN"], ["ACCESS_AUD"]],
      (one) => one.ACCESS_TEAM_DOMAIN === null || one.ACCESS_AUD !== null,
      "expected, because ACCESS_TEAM_DOMAIN is set",
    ),
    ["ACCESS_AUD"],
  ),
  v.forward(
    v.partialCheck(
      [["ACCESS_TEAM_DOMAIN"], ["ACCESS_AUD"]],
      (one) => one.ACCESS_AUD === null || one.ACCESS_TEAM_DOMAIN !== null,
      "expected, because ACCESS_AUD is set",
    ),
    ["ACCESS_TEAM_DOMAIN"],
  ),
);

/** Checks every var and secret at once, so that an operator mends them in one go. */
export function checkConfig(env: Vars & Secrets): ConfigAnswer {
  const parsed = v.safeParse(EnvSchema, env);
  if (!parsed.success) {
    const faults = parsed.issues.map((issue) => ({
      name: v.getDotPath(issue) ?? "env",
      detail: issue.message,
    }));
    return { ok: false, faults };
  }
  const out = parsed.output;
  const { CTYUN_ENDPOINT: endpoint, CTYUN_URI_EDGE: uri, CTYUN_PRIVATE_KEY: key } = out;
  const { ACCESS_TEAM_DOMAIN: teamDomain, ACCESS_AUD: audience } = out;
  const config: Config = {
    enabled: out.BACKFILL_ENABLED === "true",
    rate: out.BACKFILL_RATE,
    // a batch larger than the cap could never leave
    batchSize: Math.min(out.BATCH_SIZE, out.MAX_LINES_PER_SECOND),
    maxLinesPerSecond: out.MAX_LINES_PER_SECOND,
    paceJitterMs: out.PACE_JITTER_MS,
    sendTimeoutMs: out.SEND_TIMEOUT_MS,
    logPrefix: out.LOG_PREFIX,
    lateMarginMs: out.LATE_MARGIN_MINUTES * MINUTE_MS,
    lookbackMs: out.LOOKBACK_MINUTES * MINUTE_MS,
    singleStampSpanMs: out.SINGLE_STAMP_SPAN_MS,
    maxLineBytes: out.MAX_LINE_BYTES,
    maxSuspectRatio: out.MAX_SUSPECT_RATIO,
    cleanupGraceMs: out.CLEANUP_GRACE_MS,
    receiverId: out.RECEIVER_ID,
    logLevel: out.LOG_LEVEL,
    receiver: endpoint && uri && key ? receiverOf(endpoint, uri, key) : null,
    missingSecrets: RECEIVER_SECRETS.filter((name) => !out[name]),
    apiToken: apiTokenOf({ API_TOKEN: out.API_TOKEN ?? "" }),
    access: teamDomain && audience ? { teamDomain, audience } : null,
    successPattern: out.SUCCESS_PATTERN,
    gzipLevel: GZIP_LEVEL,
  };
  return { ok: true, config };
}

/**
 * The same for callers that can do nothing without it.
 * @throws Error naming each var or secret that cannot be used, never its value.
 */
export function readConfig(env: Vars & Secrets): Config {
  const answer = checkConfig(env);
  if (answer.ok) return answer.config;
  throw new Error(
    `bad configuration: ${answer.faults.map((fault) => `${fault.name}: ${fault.detail}`).join("; ")}`,
  );
}

/** The token by itself: a caller proves who it is before it is told which var is bad. */
export function apiTokenOf(env: Secrets): string | null {
  // a header never ends in the line feed that a pasted secret may end in
  const token = typeof env.API_TOKEN === "string" ? env.API_TOKEN.trim() : "";
  return token === "" ? null : token;
}

/** The level to log with, even when another var is bad and has to be logged. */
export function logLevelOf(env: Vars): LogLevel {
  return LOG_LEVELS.find((level) => level === env.LOG_LEVEL) ?? "info";
}

/** Of settings that were checked. */
function receiverOf(endpoint: string, uri: string, key: string): Receiver {
  return {
    endpoint: endpointOf(endpoint) ?? endpoint,
    uri: uriOf(uri) ?? uri,
    joint: uri.includes("?") ? "&" : "?",
    key: keyOf(key),
    spellings: spellingsOf({ endpoint, uri }),
  };
}

/** Null for anything but an origin; without TLS anybody on the way could hand out keys of his own. */
function teamOrigin(text: string): string | null {
  if (!URL.canParse(text)) return null;
  const { origin, protocol, hostname } = new URL(text);
  const isSafe = protocol === "https:" || (protocol === "http:" && LOOPBACK.has(hostname));
  return isSafe && (text === origin || text === `${origin}/`) ? origin : null;
}
