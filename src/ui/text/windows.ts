// Windows and instants as one text with their zone, for rows of long lists and for messages. A list of 400 rows has no room
// for more elements.
import { zone } from "../state/settings.ts";
import { texts } from "./texts.ts";
import { instantText, windowText, type Zone } from "./time.ts";

/** "2026-04-22 22:00–22:05 Beijing" */
export function zonedWindow(start: string, end: string): string {
  return `${windowText(start, end, zone.value)} ${texts.value.units[zone.value]}`;
}

/** "2026-04-22 22:00:00 Beijing" in the shown zone, or in another. "—": not known. */
export function zonedInstant(at: string | number | null, shown: Zone = zone.value): string {
  return at === null ? "—" : `${instantText(at, shown)} ${texts.value.units[shown]}`;
}
