// Sets the variables that keep a local run quiet, offline and fast. wrangler and miniflare read them when they are
// loaded or started.

/** Call before wrangler is loaded, and before a runtime starts. */
export function quietEnvironment(): void {
  Object.assign(process.env, {
    WRANGLER_SEND_METRICS: "false",
    CLOUDFLARE_CF_FETCH_ENABLED: "false",
    X_LOCAL_OBSERVABILITY: "false",
    WRANGLER_HIDE_BANNER: "true",
    CLOUDFLARE_LOAD_DEV_VARS_FROM_DOT_ENV: "false",
    WRANGLER_WRITE_LOGS: "false",
    // At the level "info" the queue emulator would write a line for each batch.
    WRANGLER_LOG: process.env["WRANGLER_LOG"] ?? "warn",
  });
}
