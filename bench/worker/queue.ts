// The Worker with its real registry and with runs that do nothing. Measures how long each call blocks
// the registry. On request, releases the slot so that the next window starts.
import { DurableObject } from "cloudflare:workers";
import { RunRegistry as Real } from "../../durable-objects/run-registry/run-registry.ts";
import { Coverage } from "../../durable-objects/coverage/coverage.ts";
import type { RunSpec } from "../../src/contract/run.ts";
import { handleRequest } from "../../src/http/router.ts";
import { registryObject } from "../../src/platform/objects.ts";
import type { Env } from "../../src/platform/env.ts";

export { Coverage };
export { Notifier } from "../../durable-objects/notifier/notifier.ts";

/** How long each call blocked the registry, in ms, by method. All other callers wait meanwhile. */
let turns: Record<string, number[]> = {};
/** The runs that were started, with the fence of each. */
const started: { runId: string; fence: number }[] = [];

function note(name: string, began: number): void {
  (turns[name] ??= []).push(performance.now() - began);
}

for (const name of ["queueWindows", "listWindows", "release", "report"]) {
  const method: unknown = Reflect.get(Real.prototype, name);
  if (typeof method !== "function") throw new Error(`the registry has no ${name}`);
  Reflect.set(Real.prototype, name, function measured(this: unknown, ...args: unknown[]): unknown {
    const began = performance.now();
    try {
      // The Durable Object is blocked until the method returns its promise, at its first await.
      return method.apply(this, args);
    } finally {
      note(name, began);
    }
  });
}

export class RunRegistry extends Real {
  override async alarm(): Promise<void> {
    const [began, before] = [performance.now(), started.length];
    await super.alarm();
    note(started.length > before ? "start" : "alarm", began);
  }
}

export class BackfillRun extends DurableObject<Env> {
  async start({ runId }: RunSpec, { fence }: { fence: number }) {
    started.push({ runId, fence });
    return { ok: true, already: false };
  }

  async poke(): Promise<void> {}
}

export default {
  async fetch(request, env, ctx) {
    const { pathname } = new URL(request.url);
    const registry = registryObject(env, env.RECEIVER_ID ?? "ctyun");
    switch (pathname) {
      case "/bench/turns": {
        const seen = turns;
        turns = {};
        return Response.json(seen);
      }
      case "/bench/started":
        return Response.json(started.length);
      case "/bench/release": {
        const run = started.at(-1);
        if (!run) return Response.json(null);
        await registry.release(run.runId, run.fence, 0, true);
        const done = { stage: "cleaned", summary: "", finished: true, sentSomething: true } as const;
        await registry.report({ ...done, runId: run.runId, logLinesSent: 1, deliveredAt: Date.now() });
        return Response.json(null);
      }
      default:
        return handleRequest(request, env, ctx);
    }
  },
} satisfies ExportedHandler<Env>;
