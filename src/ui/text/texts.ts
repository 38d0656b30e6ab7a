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

/** Each language is a separate script, so that the browser loads only one language. */
const DICTIONARIES: Record<Language, () => Promise<Texts>> = {
  en: async () => (await import("./en/en.ts")).en,
  zh: async () => (await import("./zh/zh.ts")).zh,
};

export async function showLanguage(wanted: Language): Promise<void> {
  await loadTexts(wanted);
  document.documentElement.lang = language.value === "zh" ? "zh-CN" : "en";
}

/** @throws when the script of the language cannot be loaded and no other language is loaded. */
export async function loadTexts(wanted: Language): Promise<void> {
  try {
    texts.value = await DICTIONARIES[wanted]();
    language.value = wanted;
  } catch (error) {
    // After a deployment, the script may no longer exist. Then the page keeps its present language.
    if (Object.keys(texts.value).length === 0) throw error;
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
