// The language and the zone that a person chose for this browser. Other tabs change at the same time.
import { effect, signal } from "@preact/signals";
import { LANGUAGES, language, languageOf, loadTexts, type Language } from "../text/texts.ts";
import { ZONES, type Zone } from "../text/time.ts";

export const zone = signal<Zone>("beijing");

const ZONE = "zone";
const LANGUAGE = "language";

/** Loads the language and the zone of the page. Must end before the first render. Otherwise the page would change
 * its language while the person reads. */
export async function loadSettings(): Promise<void> {
  zone.value = chosen(ZONES, ZONE) ?? "beijing";
  await showLanguage(chosen(LANGUAGES, LANGUAGE) ?? languageOf(navigator.languages));
  effect(() => localStorage.setItem(ZONE, zone.value));
  window.addEventListener("storage", ({ key }) => {
    if (key === ZONE) zone.value = chosen(ZONES, ZONE) ?? zone.value;
    const other = key === LANGUAGE ? chosen(LANGUAGES, LANGUAGE) : null;
    if (other) void showLanguage(other);
  });
}

/** Stores the chosen language when its texts are loaded. Until a person chooses, the browser's language decides and
 * nothing is stored. */
export async function chooseLanguage(wanted: Language): Promise<void> {
  if (await showLanguage(wanted)) localStorage.setItem(LANGUAGE, wanted);
}

/** Returns whether the page now has the wanted language.
 * @throws when no language can be loaded and none is loaded yet. */
async function showLanguage(wanted: Language): Promise<boolean> {
  const isShown = await loadTexts(wanted);
  document.documentElement.lang = language.value === "zh" ? "zh-CN" : "en";
  return isShown;
}

function chosen<T extends string>(values: readonly T[], place: string): T | null {
  const stored = localStorage.getItem(place);
  return values.find((value) => value === stored) ?? null;
}
