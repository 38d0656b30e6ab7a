// Defines what the handler of a route gets in addition to the request. A context is made once for each request.
import type { RegistryApi } from "../contract/windows.ts";
import type { Config } from "../platform/config.ts";
import type { Env } from "../platform/env.ts";
import type { Log } from "../platform/log.ts";
import { coverageObject, registryObject } from "../platform/objects.ts";
import type { Caller } from "./access/auth.ts";
import { allRegistries } from "./registries.ts";
import { WakeTimes } from "./wake-times.ts";

export interface Context {
  env: Env;
  /** The configuration for the first receiver, or for the receiver that the request names (registries.ts). */
  config: Config;
  /** The registry of this receiver. */
  registry: RegistryApi;
  now: number;
  log: Log;
}

/** The context of a request over HTTP, which has an authenticated caller. */
export interface HttpContext extends Context {
  caller: Caller;
}

const wakeTimes = new WakeTimes();

/** Makes the context of a request. Also wakes the registries, whose clocks may have stopped, and Coverage while it
 * watches for holes. */
export function contextOf(
  env: Env,
  config: Config,
  ctx: Pick<ExecutionContext, "waitUntil">,
  log: Log,
): Context {
  const now = Date.now();
  const registry = registryObject(env, config.receiverId);
  const wake = (name: string, call: () => Promise<unknown>, failed: (error: unknown) => void): void => {
    if (!wakeTimes.isDue(name, now)) return;
    const called = call().catch((error: unknown) => {
      wakeTimes.failed(name);
      failed(error);
    });
    ctx.waitUntil(called);
  };
  wake(
    `registry ${config.receiverId}`,
    async () => {
      const all = await allRegistries({ env, config });
      await Promise.all(all.map((one) => one.registry.poke()));
    },
    (error) => log("error", "http.poke_failed", { error }),
  );
  if (config.autoReplay !== "off") {
    wake(
      "coverage",
      () => coverageObject(env).wake(),
      (error) => log("error", "http.wake_failed", { error }),
    );
  }
  return { env, config, registry, now, log };
}

/** A header of every answer. Answers describe the present moment, so no cache may keep them. */
const NOT_CACHED = { "Cache-Control": "no-store" };

export function answer(status: number, body: unknown, headers: Record<string, string> = {}): Response {
  const all = { "Content-Type": "application/json; charset=utf-8", ...NOT_CACHED, ...headers };
  return new Response(`${JSON.stringify(body)}\n`, { status, headers: all });
}

/** A success whose body is produced while the client reads it. */
export function answerStream(
  contentType: string,
  body: ReadableStream<Uint8Array>,
  headers: Record<string, string> = {},
): Response {
  return new Response(body, { headers: { "Content-Type": contentType, ...NOT_CACHED, ...headers } });
}
