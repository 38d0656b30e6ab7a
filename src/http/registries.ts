// The registries of a deployment's receivers. Each receiver has one. A call to a Durable Object creates it, so only
// names are used that RECEIVERS has, or that the first registry has stored.
import { shownReceiver } from "../contract/receivers.ts";
import { receiverOf } from "../contract/run-id.ts";
import type { RegistryApi } from "../contract/windows.ts";
import type { Config } from "../platform/config.ts";
import type { Env } from "../platform/env.ts";
import { registryObject } from "../platform/objects.ts";
import { configFor, hasReceiver } from "../platform/receiver-config.ts";

export interface ReceiverRegistry {
  /** Null: the first receiver. */
  receiver: string | null;
  registry: RegistryApi;
}

interface Deployment {
  env: Pick<Env, "RUN_REGISTRY">;
  config: Pick<Config, "receiverId" | "namedReceivers">;
}

/** What a handler gets for one receiver. */
interface OfReceiver extends Deployment {
  config: Config;
  registry: RegistryApi;
}

interface Used {
  names: ReadonlySet<string>;
  readAt: number;
}

/** The stored names, by RECEIVER_ID. A name is never deleted. Another version of the Worker may store a name that RECEIVERS
 * of this version lacks. So a name that is not known is looked up again, and the names are read again after USED_FOR_MS. */
const used = new Map<string, Used>();
/** How long the stored names are used before they are read again. */
const USED_FOR_MS = 60_000;
/** Of how many deployments the names are remembered. A deployment has one RECEIVER_ID. Only tests have more. */
const MAX_REMEMBERED = 100;

/** The registry of a receiver. Check the name first. */
export function registryOf({ env, config }: Deployment, receiver: string | null): RegistryApi {
  return registryObject(env, config.receiverId, receiver);
}

/** The registries of all receivers that the deployment has or had, the first receiver first. */
export async function allRegistries(deployment: Deployment): Promise<ReceiverRegistry[]> {
  const names = new Set([...deployment.config.namedReceivers.keys(), ...(await usedNames(deployment))]);
  return [null, ...names].map((receiver) => ({ receiver, registry: registryOf(deployment, receiver) }));
}

/** Whether the deployment has or had a receiver of this name. */
export async function isKnownReceiver(deployment: Deployment, receiver: string | null): Promise<boolean> {
  if (hasReceiver(deployment.config, receiver) || receiver === null) return true;
  return (await usedNames(deployment)).has(receiver) || (await readNames(deployment)).has(receiver);
}

/** Asks all registries for the first answer to a key. Returns the receiver that knows the key, and its answer. Null: no
 * registry knows the key. */
export async function recalled<Answer extends { ok: true } | { ok: false; code: string }>(
  deployment: Deployment,
  recall: (registry: RegistryApi) => Promise<Answer>,
): Promise<{ receiver: string | null; answer: Answer } | null> {
  const all = await allRegistries(deployment);
  const answers = await Promise.all(
    all.map(async ({ receiver, registry }) => ({ receiver, answer: await recall(registry) })),
  );
  return answers.find(({ answer }) => answer.ok || answer.code !== "unknown_key") ?? null;
}

/** Stores the name of a receiver, so that its registry is found after the name was removed from RECEIVERS. Call
 * this before the first run or window of the receiver. */
export async function useReceiver(deployment: Deployment, receiver: string | null): Promise<void> {
  if (receiver === null) return;
  const names = await usedNames(deployment);
  if (names.has(receiver)) return;
  await registryOf(deployment, null).useReceiver(receiver);
  await readNames(deployment);
}

/** The context for one receiver: its registry, and the configuration for its runs. */
export function forReceiver<Base extends OfReceiver>(context: Base, receiver: string | null): Base {
  if (receiver === null) return context;
  const config = configFor(context.config, receiver);
  return { ...context, config, registry: registryOf(context, receiver) };
}

/** The context for the receiver of a run. Null: the deployment never had this receiver, so there is no such run. */
export async function forRun<Base extends OfReceiver>(context: Base, runId: string): Promise<Base | null> {
  const receiver = receiverOf(runId);
  return (await isKnownReceiver(context, receiver)) ? forReceiver(context, receiver) : null;
}

/** Adds the name of the receiver to an answer. */
export function withReceiver<Answer extends object>(
  answer: Answer,
  receiver: string | null,
): Answer & { receiver: string } {
  return { receiver: shownReceiver(receiver), ...answer };
}

async function usedNames(deployment: Deployment): Promise<ReadonlySet<string>> {
  const known = used.get(deployment.config.receiverId);
  const isRecent = known !== undefined && Math.abs(Date.now() - known.readAt) < USED_FOR_MS;
  return isRecent ? known.names : readNames(deployment);
}

async function readNames(deployment: Deployment): Promise<ReadonlySet<string>> {
  const readAt = Date.now();
  const names = new Set(await registryOf(deployment, null).usedReceivers());
  if (used.size >= MAX_REMEMBERED) used.clear();
  used.set(deployment.config.receiverId, { names, readAt });
  return names;
}
