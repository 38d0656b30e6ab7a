// Writes a window or an instant with its zone as one text, for messages and for rows of long lists. With 400 rows,
// more HTML elements would make the page slow.
import { bracketed } from "./punctuation.ts";
import { zone } from "../state/settings.ts";
import { texts } from "./texts.ts";
import { instantText, windowText, type Zone } from "./time.ts";

/** Returns a text such as "2026-04-22 22:00–22:05 Beijing". */
export function zonedWindow(start: string, end: string): string {
  return `${windowText(start, end, zone.value)} ${texts.value.units[zone.value]}`;
}

/** Returns a text such as "2026-04-22 22:00:00 Beijing", in the given zone or the chosen one. Null becomes "—". */
export function zonedInstant(at: string | number | null, shown: Zone = zone.value): string {
  return at === null ? "—" : `${instantText(at, shown)} ${texts.value.units[shown]}`;
}

/** Returns an instant in both zones, for texts that leave the page: "2026-04-22 22:00:00 Beijing (2026-04-22 14:00:00 UTC)". */
export function bothZones(at: string): string {
  return bracketed(zonedInstant(at, "beijing"), zonedInstant(at, "utc"));
}
