// Writes instants and windows in Beijing time and in UTC, each with its zone. Does no I/O. Beijing has no daylight
// saving time.
import type { Language } from "../../../src/contract/notifications.ts";
import { CHINESE } from "./chinese.ts";
import { ENGLISH } from "./english.ts";

const BEIJING_MS = 8 * 3_600_000;

/** Returns a text such as "04-23 03:03 Beijing (04-22 19:03Z)". */
export function instantText(ms: number, language: Language): string {
  const beijing = `${dayOf(ms + BEIJING_MS)} ${clockOf(ms + BEIJING_MS)} ${zone(language)}`;
  return bracketed(beijing, `${dayOf(ms)} ${clockOf(ms)}Z`, language);
}

/** Returns a text such as "04-22 22:00–23:00 Beijing (14:00–15:00Z)". If a window crosses midnight in a zone, both
 * days are written. The UTC part contains its day when the day differs from the day in Beijing. */
export function windowText(startMs: number, endMs: number, language: Language): string {
  const beijing = rangeText(startMs + BEIJING_MS, endMs + BEIJING_MS, true);
  const needsDay = dayOf(startMs) !== dayOf(startMs + BEIJING_MS);
  return bracketed(`${beijing} ${zone(language)}`, `${rangeText(startMs, endMs, needsDay)}Z`, language);
}

/** Returns a text such as "Beijing (UTC)", with the brackets of the language. */
export function bracketed(text: string, extra: string, language: Language): string {
  return language === "zh" ? `${text}（${extra}）` : `${text} (${extra})`;
}

function rangeText(startMs: number, endMs: number, needsDay: boolean): string {
  const [from, to] = [dayOf(startMs), dayOf(endMs)];
  if (from !== to) return `${from} ${clockOf(startMs)}–${to} ${clockOf(endMs)}`;
  return `${needsDay ? `${from} ` : ""}${clockOf(startMs)}–${clockOf(endMs)}`;
}

/** Returns a text such as "04-22". */
function dayOf(ms: number): string {
  return new Date(ms).toISOString().slice(5, 10);
}

/** Returns a text such as "22:00", or "22:00:05" when the seconds are not 0. */
function clockOf(ms: number): string {
  const text = new Date(ms).toISOString().slice(11, 19);
  return text.endsWith(":00") ? text.slice(0, 5) : text;
}

function zone(language: Language): string {
  return (language === "zh" ? CHINESE : ENGLISH).beijing;
}
