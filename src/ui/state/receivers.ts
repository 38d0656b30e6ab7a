// The receivers of the deployment, as GET /system lists them. The page shows a choice only if there are several.
import { computed } from "@preact/signals";
import { system } from "./frame-feeds.ts";

/** The first receiver comes first. Empty until the API has answered. */
export const receivers = computed(() => system.data.value?.receivers ?? []);

export const hasSeveralReceivers = computed(() => receivers.value.length > 1);

/** The names of all receivers but the first. */
export const otherReceivers = computed(() => receivers.value.slice(1).map(({ name }) => name));

/** The cap of a receiver's runs. Null: not known. */
export function capOf(name: string): number | null {
  return receivers.value.find((one) => one.name === name)?.max_lines_per_second ?? null;
}
