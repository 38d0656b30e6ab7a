// What the platform hands to this Worker: bindings, vars and secrets, exactly as they arrive. Owns only the
// types. Only config.ts reads and checks the strings.
import type { ParseMessage, SendMessage } from "../contract/messages.ts";

/** Vars of wrangler.toml. All are optional, because config.ts knows each default. */
export interface Vars {
  BACKFILL_ENABLED?: string;
  BACKFILL_RATE?: string;
  BATCH_SIZE?: string;
  MAX_LINES_PER_SECOND?: string;
  PACE_JITTER_MS?: string;
  SEND_TIMEOUT_MS?: string;
  LOG_PREFIX?: string;
  LATE_MARGIN_MINUTES?: string;
  LOOKBACK_MINUTES?: string;
  SINGLE_STAMP_SPAN_MS?: string;
  MAX_LINE_BYTES?: string;
  MAX_SUSPECT_RATIO?: string;
  CLEANUP_GRACE_MS?: string;
  RECEIVER_ID?: string;
  LOG_LEVEL?: string;
  SUCCESS_PATTERN?: string;
  ACCESS_TEAM_DOMAIN?: string;
  ACCESS_AUD?: string;
}

/** Secrets (`wrangler secret put NAME`). Their values never reach a log, an error or a problem document. */
export interface Secrets {
  CTYUN_ENDPOINT?: string;
  CTYUN_URI_EDGE?: string;
  CTYUN_PRIVATE_KEY?: string;
  API_TOKEN?: string;
}

export interface Bindings {
  LOGS: R2Bucket;
  PARSE_QUEUE: Queue<ParseMessage>;
  SEND_QUEUE: Queue<SendMessage>;
  BACKFILL_RUN: DurableObjectNamespace;
  RUN_REGISTRY: DurableObjectNamespace;
}

export interface Env extends Bindings, Vars, Secrets {}

declare global {
  namespace Cloudflare {
    // The type of `import { env } from "cloudflare:workers"`. The platform merges its own declaration with
    // this one.
    interface Env extends Bindings, Vars, Secrets {}
  }
}
