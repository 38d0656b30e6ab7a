// Remembers in this isolate which runs the registry has listed. The registry never deletes a run, so a run that was
// listed once stays listed. An unknown run is never remembered, because it may be started at any time.
import type { RegistryApi } from "../contract/windows.ts";
import type { Config } from "../platform/config.ts";

/** A run id and a receiver id have less than 150 characters together. */
const MAX_KNOWN = 1_000;

const known = new Set<string>();

interface Asked {
  registry: Pick<RegistryApi, "knows">;
  config: Pick<Config, "receiverId">;
}

/** Whether the registry lists the run. Calls the registry only for a run that this isolate does not know. */
export async function isListed(runId: string, { registry, config }: Asked): Promise<boolean> {
  const name = `${config.receiverId} ${runId}`;
  if (known.has(name)) return true;
  if (!(await registry.knows(runId))) return false;
  if (known.size >= MAX_KNOWN) known.clear();
  known.add(name);
  return true;
}
