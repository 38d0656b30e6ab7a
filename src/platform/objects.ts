// Typed stubs of the Durable Objects. Only this file turns a name into a stub. This file never checks the name. A
// call to a Durable Object creates it, so callers check run ids first.
//
// A stub has the type of the contract that its class implements. The platform's own RPC type would describe the
// same methods, but the compiler rejects it for recursive JSON ("excessively deep"). All data in the contracts is
// plain.
import type { BackfillRunApi } from "../contract/run.ts";
import type { RegistryApi } from "../contract/windows.ts";
import { COVERAGE_NAME, type CoverageApi } from "../contract/coverage.ts";
import { NOTIFIER_NAME, type NotifierApi } from "../contract/notifications.ts";
import type { Env } from "./env.ts";

/** The Durable Object of one run, by its run id. */
export function runObject(env: Pick<Env, "BACKFILL_RUN">, runId: string): BackfillRunApi {
  return named<BackfillRunApi>(env.BACKFILL_RUN, runId);
}

/** The registry of one receiver. `receiverId` is RECEIVER_ID, and `receiver` the name of a receiver of RECEIVERS. Null: the
 * first receiver. RECEIVER_ID contains no slash, so no two receivers share a registry. */
export function registryObject(
  env: Pick<Env, "RUN_REGISTRY">,
  receiverId: string,
  receiver: string | null = null,
): RegistryApi {
  return named<RegistryApi>(env.RUN_REGISTRY, receiver === null ? receiverId : `${receiverId}/${receiver}`);
}

/** The coverage of the bucket. */
export function coverageObject(env: Pick<Env, "COVERAGE">): CoverageApi {
  return named<CoverageApi>(env.COVERAGE, COVERAGE_NAME);
}

/** The Notifier of this deployment. */
export function notifierObject(env: Pick<Env, "NOTIFIER">): NotifierApi {
  return named<NotifierApi>(env.NOTIFIER, NOTIFIER_NAME);
}

function named<Api>(namespace: DurableObjectNamespace, name: string): Api {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the class `implements` the contract
  return namespace.getByName(name) as unknown as Api;
}
