// Declares what the platform hands to this Worker: bindings, vars and secrets, exactly as they arrive. This file
// contains only types. config.ts reads and checks the strings.
import type { ParseMessage, SendMessage } from "../contract/messages.ts";
import type { SecretName, VarName } from "./vars.ts";

/** Vars of wrangler.toml, as text. An absent var has its default (vars.ts). */
export type Vars = { [Name in VarName]?: string };

/** Secrets (`wrangler secret put NAME`). Their values never reach a log, an error or a problem. */
export type Secrets = { [Name in SecretName]?: string };

export interface Bindings {
  LOGS: R2Bucket;
  PARSE_QUEUE: Queue<ParseMessage>;
  SEND_QUEUE: Queue<SendMessage>;
  BACKFILL_RUN: DurableObjectNamespace;
  RUN_REGISTRY: DurableObjectNamespace;
  COVERAGE: DurableObjectNamespace;
  NOTIFIER: DurableObjectNamespace;
  /** The files of dist/. */
  ASSETS: Fetcher;
}

export interface Env extends Bindings, Vars, Secrets {}

declare global {
  namespace Cloudflare {
    // The type of `import { env } from "cloudflare:workers"`. The platform merges its own declaration with
    // this one.
    interface Env extends Bindings, Vars, Secrets {}
  }
}
