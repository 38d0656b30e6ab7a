// What a handler gets besides the request, made once per request in the router.
import type { RunRegistryApi } from "../../durable-objects/run-registry/api.ts";
import type { Config } from "../config.ts";
import type { Env } from "../env.ts";

export interface Context {
  env: Env;
  config: Config;
  registry: RunRegistryApi;
  now: number;
}

/** A success. Nothing here may be cached: every answer is about this moment, or about a change. */
export function answer(status: number, body: unknown, headers: Record<string, string> = {}): Response {
  const all = { "Content-Type": "application/json; charset=utf-8", "Cache-Control": "no-store", ...headers };
  return new Response(`${JSON.stringify(body)}\n`, { status, headers: all });
}
