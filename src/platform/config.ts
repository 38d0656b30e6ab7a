// Turns vars and secrets into a checked Config. vars.ts declares them. Other files of this folder read single
// settings that must work while another setting is faulty, such as credentials.ts and notify-settings.ts. A fault
// never repeats a value: a secret typed into the wrong var must not reach a log or an answer.
import * as v from "valibot";
import type { AutoReplayMode } from "../contract/auto-replay.ts";
import type { FormatFields, LineFormat } from "../contract/line-formats.ts";
import type { ServiceRole } from "../contract/service.ts";
import type { Secrets, Vars } from "./env.ts";
import { ctyunReceiver } from "../receivers/ctyun.ts";
import type { Receiver, Receivers } from "../receivers/receiver.ts";
import type { NamedReceivers } from "./named-receivers.ts";
import { rememberSettings } from "./remember-settings.ts";
import type { SuccessPattern } from "./success-pattern.ts";
import type { AccessRoles, NamedToken } from "./role-kinds.ts";
import { LOG_LEVELS, type LogLevel } from "./var-kinds.ts";
import { SECRETS, VAR_NAMES, VARS, type DeclaredSecret, type DeclaredVar } from "./vars.ts";

/** The Cloudflare Access team and application whose assertions name the operator. */
export interface Access {
  /** The origin of the Access team. It issues the assertions and serves the keys that verify them. */
  teamDomain: string;
  audience: string;
}

export const RECEIVER_SECRETS = ["CTYUN_ENDPOINT", "CTYUN_URI_EDGE", "CTYUN_PRIVATE_KEY"] as const;
/** A secret that is missing for a receiver of the kind `ctyun`, or RECEIVERS. */
export type MissingSecret = (typeof RECEIVER_SECRETS)[number] | "RECEIVERS";

export interface Config {
  /** The kill switch. False: no run starts, and every run is suspended. */
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
  /** The format of a run whose request contains no format. */
  lineFormat: LineFormat;
  /** The vars FORMAT_FIELD_<n> that are set, by field number. */
  formatFields: FormatFields;
  cleanupGraceMs: number;
  /** The prefix of the live worker's markers in the bucket. */
  livePrefix: string;
  /** How many records a batch of the live worker has. Null: not known. */
  liveBatchSize: number | null;
  coverageSettleMs: number;
  autoReplay: AutoReplayMode;
  autoReplayAfterMs: number;
  autoReplayMaxLinesPerSecond: number;
  /** The roles of other Workers, by the name in their binding. Null: no Worker has a role. */
  bindingRoles: Record<string, ServiceRole> | null;
  /** The longest gap between two queued windows that the queue closes by joining them, in ms. */
  coalesceMs: number;
  maxWindowsPerSourcePerMinute: number;
  receiverId: string;
  logLevel: LogLevel;
  /** The receiver of RECEIVERS for which this configuration is (receiver-config.ts). Null: the first receiver. */
  receiverName: string | null;
  /** The receiver of new runs. For the first receiver, the one of RECEIVER if this secret is set, else the partner. Null
   * while a secret is missing. `missingSecrets` lists the missing secrets. */
  receiver: Receiver | null;
  /** The receivers by kind. A run keeps the kind with which it started. */
  receivers: Receivers;
  missingSecrets: MissingSecret[];
  /** The receivers of RECEIVERS. */
  namedReceivers: NamedReceivers;
  /** The operator's token. Null: not set. */
  apiToken: string | null;
  /** Tokens with a name and a role. */
  apiTokens: readonly NamedToken[];
  /** Null: the API verifies no caller and ignores assertions. */
  access: Access | null;
  /** Null: Access identifies the actor of a change, but gives no caller a role. */
  accessRoles: AccessRoles | null;
  /** When set, a 2xx counts as accepted only if its body matches. */
  successPattern: SuccessPattern | null;
  gzipLevel: 3;
}

/** A var or secret that cannot be used. `detail` states the accepted values, never the given value. */
export interface ConfigFault {
  name: string;
  detail: string;
}
export type ConfigAnswer = { ok: true; config: Config } | { ok: false; faults: ConfigFault[] };

/** The zlib level of batches. Compared with level 6, it makes 11 % more bytes for half of the CPU. */
const GZIP_LEVEL = 3;

type Tables = typeof VARS & typeof SECRETS;
/** The declared tables as valibot reads them. An absent var has its default. An absent secret is empty. */
const VarsSchema = v.object(
  Object.fromEntries(
    Object.entries<DeclaredVar | DeclaredSecret>({ ...VARS, ...SECRETS }).map(([name, declared]) => [
      name,
      v.optional(declared.kind.schema, "default" in declared ? (declared.default ?? "") : ""),
    ]),
  ) as { [Name in keyof Tables]: v.OptionalSchema<Tables[Name]["kind"]["schema"], string> },
);

/** What two vars must have in common. With only one of the two Access vars the API could verify no caller, although it
 * would seem protected. */
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
  v.forward(
    v.partialCheck(
      [["ACCESS_TEAM_DOMAIN"], ["ACCESS_ROLES"]],
      (one) => one.ACCESS_ROLES === null || one.ACCESS_TEAM_DOMAIN !== null,
      "expected, because ACCESS_ROLES is set",
    ),
    ["ACCESS_TEAM_DOMAIN"],
  ),
  // The metrics of two receivers must not have the same label.
  v.forward(
    v.partialCheck(
      [["RECEIVER_ID"], ["RECEIVERS"]],
      (one) => !one.RECEIVERS.has(one.RECEIVER_ID),
      "expected other names than the value of RECEIVER_ID",
    ),
    ["RECEIVERS"],
  ),
);

/** Checks every var and secret, so that an operator can correct all faults in one deployment. Every request asks for the
 * configuration, and a check takes longer than most answers. So the result is remembered. */
export const checkConfig = rememberSettings<Vars & Secrets, ConfigAnswer>(VAR_NAMES, checkSettings);

function checkSettings(env: Vars & Secrets): ConfigAnswer {
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
  const ctyun = endpoint && uri && key ? ctyunReceiver(endpoint, uri, key) : null;
  const http = out.RECEIVER;
  const config: Config = {
    enabled: out.BACKFILL_ENABLED,
    rate: out.BACKFILL_RATE,
    // A batch larger than the cap could never be sent.
    batchSize: Math.min(out.BATCH_SIZE, out.MAX_LINES_PER_SECOND),
    maxLinesPerSecond: out.MAX_LINES_PER_SECOND,
    paceJitterMs: out.PACE_JITTER_MS,
    sendTimeoutMs: out.SEND_TIMEOUT_MS,
    logPrefix: out.LOG_PREFIX,
    // A var of the kind `minutes` is already in milliseconds here.
    lateMarginMs: out.LATE_MARGIN_MINUTES,
    lookbackMs: out.LOOKBACK_MINUTES,
    singleStampSpanMs: out.SINGLE_STAMP_SPAN_MS,
    maxLineBytes: out.MAX_LINE_BYTES,
    maxSuspectRatio: out.MAX_SUSPECT_RATIO,
    lineFormat: out.LINE_FORMAT,
    formatFields: {
      ...(out.FORMAT_FIELD_11 !== null && { 11: out.FORMAT_FIELD_11 }),
      ...(out.FORMAT_FIELD_58 !== null && { 58: out.FORMAT_FIELD_58 }),
    },
    cleanupGraceMs: out.CLEANUP_GRACE_MS,
    livePrefix: out.LIVE_PREFIX,
    liveBatchSize: out.LIVE_BATCH_SIZE,
    coverageSettleMs: out.COVERAGE_SETTLE_MINUTES,
    autoReplay: out.AUTO_REPLAY,
    autoReplayAfterMs: out.AUTO_REPLAY_AFTER_MINUTES,
    autoReplayMaxLinesPerSecond: Math.min(out.AUTO_REPLAY_MAX_LINES_PER_SECOND, out.MAX_LINES_PER_SECOND),
    bindingRoles: out.BINDING_ROLES,
    coalesceMs: out.COALESCE_SECONDS,
    maxWindowsPerSourcePerMinute: out.MAX_WINDOWS_PER_SOURCE_PER_MINUTE,
    receiverId: out.RECEIVER_ID,
    logLevel: out.LOG_LEVEL,
    receiverName: null,
    receiver: http ?? ctyun,
    receivers: { ctyun, http },
    namedReceivers: out.RECEIVERS,
    missingSecrets: http === null ? RECEIVER_SECRETS.filter((name) => !out[name]) : [],
    apiToken: apiTokenOf({ API_TOKEN: out.API_TOKEN ?? "" }),
    apiTokens: out.API_TOKENS,
    access: teamDomain && audience ? { teamDomain, audience } : null,
    accessRoles: out.ACCESS_ROLES,
    successPattern: out.SUCCESS_PATTERN,
    gzipLevel: GZIP_LEVEL,
  };
  return { ok: true, config };
}

/**
 * The checked configuration, for a caller that cannot go on without it.
 * @throws Error naming each var or secret that cannot be used, never its value.
 */
export function readConfig(env: Vars & Secrets): Config {
  const answer = checkConfig(env);
  if (answer.ok) return answer.config;
  throw new Error(
    `bad configuration: ${answer.faults.map((fault) => `${fault.name}: ${fault.detail}`).join("; ")}`,
  );
}

/** The API token, read without the other settings. The API checks the token first, because only a caller with the
 * token may learn which var is bad. */
export function apiTokenOf(env: Secrets): string | null {
  // A pasted secret may end in a line feed. A header never does.
  const token = typeof env.API_TOKEN === "string" ? env.API_TOKEN.trim() : "";
  return token === "" ? null : token;
}

/** The log level, read without the other settings. A fault in another var must still reach the log. */
export function logLevelOf(env: Vars): LogLevel {
  return LOG_LEVELS.find((level) => level === env.LOG_LEVEL) ?? "info";
}

/** RECEIVER_ID, read without the other settings. Null: it cannot be used. */
export function receiverIdOf(env: Vars): string | null {
  const { kind, default: unset } = VARS.RECEIVER_ID;
  const read = v.safeParse(v.optional(kind.schema, unset), env.RECEIVER_ID);
  return read.success ? read.output : null;
}
