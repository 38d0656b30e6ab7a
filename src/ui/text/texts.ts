// The dictionary of the chosen language. Components read `texts.value`, and render again when the language changes.
// Each page has a file with its texts in `en/` and in `zh/`.
import { signal } from "@preact/signals";
import type { en } from "./en/en.ts";
import type { Same } from "./same.ts";

export type Texts = Same<typeof en>;

export const LANGUAGES = ["en", "zh"] as const;
export type Language = (typeof LANGUAGES)[number];

/** Empty until `loadTexts` has ended. The page renders nothing before that. */
export const texts = signal<Texts>({} as Texts);
/** The language of `texts`. */
export const language = signal<Language>("en");
/** True: the language that was wanted last could not be loaded. */
export const isLanguageLost = signal(false);

/** Each language is a separate script, so that the browser loads only one language. */
const DICTIONARIES: Record<Language, () => Promise<Texts>> = {
  en: async () => (await import("./en/en.ts")).en,
  zh: async () => (await import("./zh/zh.ts")).zh,
};

/** Returns whether the page now has the wanted language.
 * @throws when no language can be loaded and none is loaded yet. */
export async function showLanguage(wanted: Language): Promise<boolean> {
  const isShown = await loadTexts(wanted);
  document.documentElement.lang = language.value === "zh" ? "zh-CN" : "en";
  return isShown;
}

/** Returns whether the wanted language was loaded. If not, the page keeps its present language, or takes English when
 * it has none.
 * @throws when no language can be loaded and none is loaded yet. */
export async function loadTexts(wanted: Language, dictionaries = DICTIONARIES): Promise<boolean> {
  try {
    texts.value = await dictionaries[wanted]();
    language.value = wanted;
    isLanguageLost.value = false;
    return true;
  } catch {
    // After a deployment, the script may no longer exist.
    if (Object.keys(texts.value).length === 0) {
      texts.value = await dictionaries.en();
      language.value = "en";
    }
    isLanguageLost.value = true;
    return false;
  }
}

/** The first of the browser's languages for which the page has texts. */
export function languageOf(wanted: readonly string[]): Language {
  for (const tag of wanted) {
    const found = LANGUAGES.find((known) => tag.toLowerCase().split("-")[0] === known);
    if (found) return found;
  }
  return "en";
}
