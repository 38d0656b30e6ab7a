// Groups the events of a run. Each event of a person is a group. The run's own events between two such events form one
// group. Does no I/O.
import type { EventItem } from "../../../contract/api/api-types.ts";

export interface EventGroup {
  isSystem: boolean;
  /** The events of the group. A group of a person has one event. */
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

/** How many events each kind has. The kinds are in the order of their first event. */
export function kindCounts(events: readonly EventItem[]): [kind: string, events: number][] {
  const counts = new Map<string, number>();
  for (const { kind } of events) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  return [...counts];
}
