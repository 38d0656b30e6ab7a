// Finds receivers that have the same address. Does no I/O, and returns names only.
import { namesOf, type Receiver } from "../../receivers/receiver.ts";

/** Groups of two or more names, in the order of the receivers. */
export function sameAddresses(receivers: readonly { name: string; receiver: Receiver }[]): string[][] {
  const byAddress = new Map<string, string[]>();
  for (const { name, receiver } of receivers)
    byAddress.set(namesOf(receiver), [...(byAddress.get(namesOf(receiver)) ?? []), name]);
  return [...byAddress.values()].filter((names) => names.length > 1);
}
