// Groups of events: each event of a person alone, and the run's own events in between together. Pure.
import type { EventItem } from "../../../contract/api/api-types.ts";

export interface EventGroup {
  isSystem: boolean;
  /** Of a person: one event. */
  events: EventItem[];
}

export function groupEvents(events: readonly EventItem[]): EventGroup[] {
  const groups: EventGroup[] = [];
  for (const event of events) {
    const isSystem = event.actor === "system";
    const last = groups.at(-1);
    if (isSystem && last?.isSystem) last.events.push(event);
    else groups.push({ isSystem, events: [event] });
  }
  return groups;
}

/** How many events each kind has, in the order of their first events. */
export function kindCounts(events: readonly EventItem[]): [kind: string, events: number][] {
  const counts = new Map<string, number>();
  for (const { kind } of events) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  return [...counts];
}
