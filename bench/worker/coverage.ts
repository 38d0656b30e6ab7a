// The Worker with its real Durable Objects, but with slower list operations and a bucket in memory that has many
// markers. Counts list operations and measures turns. Serves only GET /coverage, POST /runs/plan and the two routes
// below.
import { BackfillRun } from "../../durable-objects/backfill-run/backfill-run.ts";
import { Coverage as Real } from "../../durable-objects/coverage/coverage.ts";
import { RunRegistry } from "../../durable-objects/run-registry/run-registry.ts";
import { handleRequest } from "../../src/http/router.ts";
import type { Env } from "../../src/platform/env.ts";
import { fakeBucket, type FakeBucket } from "../bucket/fake-bucket.ts";
import { manyMarkers, type Many } from "../bucket/many-markers.ts";

export { BackfillRun, RunRegistry };
export { Notifier } from "../../durable-objects/notifier/notifier.ts";

export interface Counted {
  /** The number of list operations, by what they search for. */
  lists: { raw: number; presence: number; exact: number };
  /** The number of turns, the most list operations in one turn, and the longest turn in ms. */
  turns: { count: number; mostLists: number; longestMs: number };
}

let bucket: FakeBucket | null = null;
let turns = { count: 0, mostLists: 0, longestMs: 0 };

function slowBucket({ addedMs, ...many }: Many & { addedMs: number }): FakeBucket {
  const rooms = manyMarkers(many);
  return fakeBucket(
    () => rooms,
    () => scheduler.wait(addedMs),
  );
}

function listNow(options?: R2ListOptions): Promise<R2Objects> {
  if (!bucket) throw new Error("no bucket was made");
  return bucket.list(options);
}

function slow(env: Env): Env {
  return { ...env, LOGS: { list: listNow } as unknown as R2Bucket };
}

export class Coverage extends Real {
  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, slow(env));
  }

  override async alarm(): Promise<void> {
    const [lists, began] = [bucket?.asked.length ?? 0, Date.now()];
    await super.alarm();
    turns = {
      count: turns.count + 1,
      mostLists: Math.max(turns.mostLists, (bucket?.asked.length ?? 0) - lists),
      longestMs: Math.max(turns.longestMs, Date.now() - began),
    };
  }
}

function counted(asked: readonly R2ListOptions[]): Counted {
  const lists = { raw: 0, presence: 0, exact: 0 };
  for (const { prefix = "", delimiter } of asked) {
    if (prefix.startsWith("logs/")) lists.raw += 1;
    else if (delimiter === undefined) lists.exact += 1;
    else lists.presence += 1;
  }
  return { lists, turns };
}

export default {
  async fetch(request, env, ctx) {
    const { pathname } = new URL(request.url);
    if (pathname === "/bench/counts") return Response.json(counted(bucket?.asked ?? []));
    if (pathname !== "/bench/bucket") return handleRequest(request, slow(env), ctx);
    bucket = slowBucket(await request.json());
    return Response.json(null);
  },
  async queue() {},
} satisfies ExportedHandler<Env>;
