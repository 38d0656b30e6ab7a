// The Worker with its real Durable Objects. A route adds files and batches to a run, and another makes claims and
// reports. Queue messages are dropped, so only the bench claims batches.
import { BackfillRun as Run } from "../../durable-objects/backfill-run/backfill-run.ts";
import { RunRegistry as Registry } from "../../durable-objects/run-registry/run-registry.ts";
import type { BackfillRunApi, RunSpec } from "../../src/contract/run.ts";
import { RunStore } from "../../durable-objects/backfill-run/ledger/store.ts";
import type { Env } from "../../src/platform/env.ts";
import { blocked, measureBlocking, resetBlocked } from "../scale/blocking.ts";
import { drive } from "../scale/drive.ts";
import { deliver, fill } from "../scale/fill.ts";

// wrangler.toml lists every class, so this module must export them all.
export { Coverage } from "../../durable-objects/coverage/coverage.ts";
export { Notifier } from "../../durable-objects/notifier/notifier.ts";

/** The registry accepts every report, because it did not admit this run. The real registry would refuse the reports. */
export class RunRegistry extends Registry {
  override async report(): Promise<void> {}
}

measureBlocking(Run.prototype);

export class BackfillRun extends Run {
  readonly #rows: RunStore;
  readonly #storage: DurableObjectStorage;

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    this.#storage = ctx.storage;
    this.#rows = new RunStore(ctx.storage);
  }

  async fill(first: number, count: number, batches: number): Promise<void> {
    await fill(this, this.#rows, { first, count, batches });
  }

  async deliver(from: number, to: number): Promise<void> {
    deliver(this.#rows, from, to);
  }

  async databaseBytes(): Promise<number> {
    return this.#storage.sql.databaseSize;
  }
}

type Large = BackfillRunApi & Pick<BackfillRun, "fill" | "deliver" | "databaseBytes">;

export default {
  async fetch(request, env) {
    if (request.method !== "POST") return new Response("ready");
    const { action, id, ...given } = await request.json<
      { action: string; id: string } & Record<string, number>
    >();
    const run = env.BACKFILL_RUN.getByName(id) as unknown as Large;
    const n = (name: string): number => given[name] ?? 0;
    switch (action) {
      case "start":
        return Response.json(await run.start(given as unknown as RunSpec, { fence: 1, notBefore: 0 }));
      case "fill":
        return Response.json((await run.fill(n("first"), n("count"), n("batches"))) ?? null);
      case "deliver":
        return Response.json((await run.deliver(n("from"), n("to"))) ?? null);
      case "drive": {
        resetBlocked();
        const receiver = `${env.CTYUN_ENDPOINT}\n${env.CTYUN_URI_EDGE}`;
        const load = {
          transitions: n("transitions"),
          lanes: n("lanes"),
          files: n("files"),
          batches: n("batches"),
        };
        const driven = await drive(run, { ...load, receiver, views: n("views") === 1 });
        const longest = Object.fromEntries(
          Object.entries(blocked).map(([method, { longestMs }]) => [method, longestMs]),
        );
        return Response.json({ driven, longest, databaseBytes: await run.databaseBytes() });
      }
      default:
        return new Response("which action?", { status: 404 });
    }
  },
  // Drops the messages, because the bench itself claims the batches.
  async queue() {},
} satisfies ExportedHandler<Env>;
