// Finds receivers that have the same address. Runs of two receivers do not see each other's lines, so two names of one system
// would get every line twice. Does no I/O, and returns names only.
import { FIRST_RECEIVER } from "../contract/receivers.ts";
import type { Config } from "../platform/config.ts";
import { addressOf } from "../receivers/receiver.ts";

/** Groups of two or more names, in the order of the receivers. `deployment` is the configuration for the first receiver. */
export function sameAddresses({
  receiver,
  namedReceivers,
}: Pick<Config, "receiver" | "namedReceivers">): string[][] {
  const all = [
    ...(receiver === null ? [] : [{ name: FIRST_RECEIVER, receiver }]),
    ...[...namedReceivers].map(([name, one]) => ({ name, receiver: one.receiver })),
  ];
  const byAddress = new Map<string, string[]>();
  for (const one of all) {
    const address = addressOf(one.receiver);
    byAddress.set(address, [...(byAddress.get(address) ?? []), one.name]);
  }
  return [...byAddress.values()].filter((names) => names.length > 1);
}

/** The other receivers with the address of this receiver. */
export function sharersOf(deployment: Pick<Config, "receiver" | "namedReceivers">, name: string): string[] {
  const group = sameAddresses(deployment).find((names) => names.includes(name)) ?? [];
  return group.filter((one) => one !== name);
}
