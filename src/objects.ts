// env → typed stubs of the two Durable Objects: the only place that turns a name into an object.
// Never: a check of the name. Asking for an object creates it, so callers check run ids first.
import type { BackfillRun } from "../durable-objects/backfill-run/backfill-run.ts";
import type { RunRegistry } from "../durable-objects/run-registry/run-registry.ts";
import type { Env } from "./env.ts";

/** The object of one run, addressed by its run id. */
export function runObject(env: Pick<Env, "BACKFILL_RUN">, runId: string): DurableObjectStub<BackfillRun> {
  return env.BACKFILL_RUN.getByName(runId);
}

/** The registry of one receiver, addressed by RECEIVER_ID. */
export function registryObject(
  env: Pick<Env, "RUN_REGISTRY">,
  receiverId: string,
): DurableObjectStub<RunRegistry> {
  return env.RUN_REGISTRY.getByName(receiverId);
}
