// Every var and secret of this Worker, declared once. config.ts reads the environment by these tables, and `npm
// run tables` writes them into wrangler.toml and the documents. This file owns names, defaults and texts. It
// parses nothing.

import {
  AUDIENCE,
  AUTO_MODE,
  BINDING_ROLES,
  IDENTIFIER,
  LEVEL,
  LIVE_FOLDER,
  ORIGIN,
  PATTERN,
  PREFIX,
  RATIO,
  SWITCH,
  TEAM_DOMAIN,
  TEXT,
  URI,
  LIVE_BATCH,
  minutes,
  seconds,
  wholeNumber,
  wholeNumberOrAuto,
  type VarKind,
} from "./var-kinds.ts";
import { FORMAT_VARS } from "./format-vars.ts";
import { CHANNELS, PUBLIC_ORIGIN } from "./channel-kinds.ts";
import { BATCH_SIZE_RANGE, CAP_RANGE, RATE_RANGE } from "./ranges.ts";
import { HTTP_RECEIVER, NAMED_RECEIVERS } from "./receiver-kinds.ts";
import { ROLES_BY_NAME, TOKENS } from "./role-kinds.ts";
import { DAY_MS } from "../contract/time-units.ts";

export interface DeclaredVar {
  kind: VarKind;
  /** What an absent var means. Null: the var is off until an operator sets it. */
  default: string | null;
  /** The value in wrangler.toml, when it differs from the default. */
  shipped?: string;
  /** For a var that is not shipped: the value in the comment of wrangler.toml. */
  example?: string;
  /** What the var does, in sentences for an operator. */
  meaning: string;
  /** Why the default is what it is, for wrangler.toml. */
  reason?: string;
  /** Which runs a change of the var reaches, after the deployment that changes it. */
  applies: "every run" | "new runs" | "new runs; `PATCH`";
}

export interface DeclaredSecret {
  kind: VarKind;
  meaning: string;
}

export const VARS = {
  BACKFILL_ENABLED: {
    kind: SWITCH,
    default: "false",
    shipped: "true",
    meaning: "Kill switch. While it is off, no run starts and every run is suspended.",
    reason:
      "A deployment starts no run by itself. A run starts only when a person, a program or the queue asks for it.",
    applies: "every run",
  },
  BACKFILL_RATE: {
    kind: wholeNumberOrAuto(RATE_RANGE.min, RATE_RANGE.max),
    default: "auto",
    meaning: "Files that a run enqueues per minute. `auto` adapts to the speed of the receiver.",
    applies: "new runs; `PATCH`",
  },
  BATCH_SIZE: {
    kind: wholeNumber(BATCH_SIZE_RANGE.min, BATCH_SIZE_RANGE.max, "lines"),
    default: "1000",
    meaning: "Lines in one POST. At most a fifth of the run's cap, but never below 100.",
    reason: "The partner asked for 1,000.",
    applies: "new runs",
  },
  MAX_LINES_PER_SECOND: {
    kind: wholeNumber(CAP_RANGE.min, CAP_RANGE.max, "lines"),
    default: "100000",
    meaning: "The cap on what all senders together send in any one second, retries included.",
    applies: "new runs; `PATCH`",
  },
  PACE_JITTER_MS: {
    kind: wholeNumber(0, 1_000, "ms"),
    default: "50",
    meaning: "How late a POST may start before its sender returns the send permit unused.",
    reason: "With a larger value, a run can use only a smaller part of the cap.",
    applies: "every run",
  },
  SEND_TIMEOUT_MS: {
    // A POST must end within the 15 minutes of its consumer, with one minute left to report it.
    kind: wholeNumber(100, 840_000, "ms"),
    default: "300000",
    meaning: "How long one POST may take.",
    reason:
      "The partner may take minutes for one batch. With a shorter limit, a slow answer makes its attempt uncertain.",
    applies: "every run",
  },
  LOG_PREFIX: {
    kind: PREFIX,
    default: "logs/",
    meaning:
      "The prefix below which Logpush writes. A run reads day folders, their hour folders and flat names.",
    applies: "new runs",
  },
  LATE_MARGIN_MINUTES: {
    kind: minutes(0, 1_440),
    default: "10",
    meaning:
      "How long after the window's end a file may begin. A kept record in the last third doubles the time.",
    reason: "Some records reach R2 in a file that begins after the window.",
    applies: "new runs",
  },
  LOOKBACK_MINUTES: {
    kind: minutes(0, 1_440),
    default: "60",
    meaning: "How long before the window the listed days begin. The listing adds one day more.",
    reason: "A file may begin before the window and reach into it.",
    applies: "new runs",
  },
  SINGLE_STAMP_SPAN_MS: {
    kind: wholeNumber(0, DAY_MS, "ms"),
    default: "300000",
    meaning: "The shortest time that a file covers when its name contains only one time.",
    applies: "new runs",
  },
  MAX_LINE_BYTES: {
    kind: wholeNumber(1_024, 16_777_216, "bytes"),
    default: "1048576",
    meaning: "Longer lines are malformed.",
    reason: "The limit bounds the memory of the parser.",
    applies: "new runs",
  },
  MAX_SUSPECT_RATIO: {
    kind: RATIO,
    default: "0.01",
    meaning:
      "A file is `suspicious` when a larger share, and more than 5, of its lines or records fail a check.",
    reason: "Logpush writes no line that fails, so 1 % already shows a fault.",
    applies: "new runs",
  },
  ...FORMAT_VARS,
  CLEANUP_GRACE_MS: {
    kind: wholeNumber(0, 30 * DAY_MS, "ms"),
    default: "7200000",
    meaning: "How long a run keeps its packs after it is delivered.",
    applies: "new runs",
  },
  RECEIVER_ID: {
    kind: IDENTIFIER,
    default: "ctyun",
    meaning:
      "Names the registry, which gives the slot to one run. Never change it while a run is unfinished.",
    applies: "every run",
  },
  LIVE_PREFIX: {
    kind: LIVE_FOLDER,
    default: "processed/",
    meaning: "Where the live worker marks the batches that the partner accepted.",
    applies: "new runs",
  },
  LIVE_BATCH_SIZE: {
    kind: LIVE_BATCH,
    default: null,
    example: "1000",
    meaning: 'Records in a batch of the live worker. Needed for `"live": "skip_delivered"`.',
    applies: "new runs",
  },
  COVERAGE_SETTLE_MINUTES: {
    kind: minutes(0, 1_440),
    default: "15",
    meaning: "How long the live worker may take for a raw file. A younger file counts as too recent.",
    applies: "every run",
  },
  COALESCE_SECONDS: {
    kind: seconds(0, 86_400),
    default: "300",
    meaning: 'Gaps that `POST /windows` closes between windows with `"live": "skip_delivered"`.',
    reason: "Without `skip_delivered`, lines of the gap would be sent twice, so no gap is closed.",
    applies: "every run",
  },
  MAX_WINDOWS_PER_SOURCE_PER_MINUTE: {
    kind: wholeNumber(1, 100_000, "windows"),
    default: "30",
    meaning: "Windows that one `source` may queue within a minute. More are dropped as `rate_limited`.",
    reason: "A caller in a loop must not fill the queue.",
    applies: "every run",
  },
  AUTO_REPLAY: {
    kind: AUTO_MODE,
    default: "off",
    meaning: "Watches for holes. `propose` records them; `queue` also queues them for a replay.",
    reason: "By default the Worker sends only what an operator asked for.",
    applies: "every run",
  },
  AUTO_REPLAY_AFTER_MINUTES: {
    kind: minutes(5, 1_380),
    default: "60",
    meaning: "How old a part of a hole is before it is proposed or queued. Coverage watches 24 hours.",
    reason: "The live worker may still deliver the part by itself.",
    applies: "every run",
  },
  AUTO_REPLAY_MAX_LINES_PER_SECOND: {
    kind: wholeNumber(CAP_RANGE.min, CAP_RANGE.max, "lines"),
    default: "10000",
    meaning: "The cap of a run that `AUTO_REPLAY` starts. At most `MAX_LINES_PER_SECOND`.",
    reason: "A tenth of the usual cap: such a run is not urgent, and the live worker sends at the same time.",
    applies: "new runs",
  },
  LOG_LEVEL: {
    kind: LEVEL,
    default: "info",
    meaning: "The lowest level that reaches the log.",
    applies: "every run",
  },
  SUCCESS_PATTERN: {
    kind: PATTERN,
    default: null,
    example: "accepted",
    meaning: "A 2xx counts as accepted only when its body matches this expression.",
    applies: "every run",
  },
  ACCESS_TEAM_DOMAIN: {
    kind: TEAM_DOMAIN,
    default: null,
    example: "https://team.cloudflareaccess.com",
    meaning: "The Cloudflare Access team that verifies who asks. Needs `ACCESS_AUD`.",
    applies: "every run",
  },
  ACCESS_AUD: {
    kind: AUDIENCE,
    default: null,
    example: "64 hexadecimal digits",
    meaning: "The Application Audience tag of this Worker in Access. Needs `ACCESS_TEAM_DOMAIN`.",
    applies: "every run",
  },
  ACCESS_ROLES: {
    kind: ROLES_BY_NAME,
    default: null,
    example: '{"@example.com": "viewer", "li.wei@example.com": "operator"}',
    meaning: "The roles of callers whom Access verified. Needs `ACCESS_TEAM_DOMAIN`.",
    applies: "every run",
  },
  BINDING_ROLES: {
    kind: BINDING_ROLES,
    default: null,
    example: '{"live-worker": "operator"}',
    meaning: "Which Workers may call the entrypoint `BackfillService`, and as what. Unset: none.",
    applies: "every run",
  },
  PUBLIC_URL: {
    kind: PUBLIC_ORIGIN,
    default: null,
    example: "https://backfill.example.com",
    meaning: "The address of this Worker for links in notifications. Unset: no link.",
    applies: "every run",
  },
} as const satisfies Record<string, DeclaredVar>;

export const SECRETS = {
  CTYUN_ENDPOINT: { kind: ORIGIN, meaning: "The partner's host." },
  CTYUN_URI_EDGE: { kind: URI, meaning: "The partner's path. The path is signed and sent unchanged." },
  CTYUN_PRIVATE_KEY: { kind: TEXT, meaning: "Signs the URL of each POST." },
  RECEIVER: {
    kind: HTTP_RECEIVER,
    meaning: "A receiver of the kind `http`. When set, new runs send to this receiver, not to the partner.",
  },
  RECEIVERS: {
    kind: NAMED_RECEIVERS,
    meaning: "More receivers by name. A run chooses one with `receiver`.",
  },
  API_TOKEN: {
    kind: TEXT,
    meaning: "The bearer token of the operator.",
  },
  API_TOKENS: {
    kind: TOKENS,
    meaning: "More bearer tokens, each with a name, a role and the SHA-256 of the token.",
  },
  NOTIFY_CHANNELS: {
    kind: CHANNELS,
    meaning: "Where notifications go. A fault in this secret suspends no run.",
  },
} as const satisfies Record<string, DeclaredSecret>;

export type VarName = keyof typeof VARS;
export type SecretName = keyof typeof SECRETS;

/** The names of all vars and secrets. Any other name that is close to one of them is probably a mistake
 * (misspelt-vars.ts). */
export const VAR_NAMES: readonly string[] = [...Object.keys(VARS), ...Object.keys(SECRETS)];
