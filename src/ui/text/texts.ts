// The dictionary of the chosen language. Components read `texts.value`, and render again when the language changes.
// A page's texts are a file of its own in `en/` and `zh/`, added to the two dictionaries.
import { signal } from "@preact/signals";
import type { en } from "./en/en.ts";
import type { Same } from "./same.ts";

export type Texts = Same<typeof en>;

export const LANGUAGES = ["en", "zh"] as const;
export type Language = (typeof LANGUAGES)[number];

/** Empty until `loadTexts` has ended. The page renders nothing before. */
export const texts = signal<Texts>({} as Texts);
/** The language of `texts`. */
export const language = signal<Language>("en");

/** Each language is a chunk of its own, so that a person loads one language only. */
const DICTIONARIES: Record<Language, () => Promise<Texts>> = {
  en: async () => (await import("./en/en.ts")).en,
  zh: async () => (await import("./zh/zh.ts")).zh,
};

export async function showLanguage(wanted: Language): Promise<void> {
  await loadTexts(wanted);
  document.documentElement.lang = language.value === "zh" ? "zh-CN" : "en";
}

/** @throws when the page has no language yet, and the wanted chunk cannot be loaded. */
export async function loadTexts(wanted: Language): Promise<void> {
  try {
    texts.value = await DICTIONARIES[wanted]();
    language.value = wanted;
  } catch (error) {
    // A deployment may have replaced the chunk. Then the page goes on in the language that it has.
    if (Object.keys(texts.value).length === 0) throw error;
  }
}

/** The first language of the browser that the page speaks. */
export function languageOf(wanted: readonly string[]): Language {
  for (const tag of wanted) {
    const found = LANGUAGES.find((known) => tag.toLowerCase().split("-")[0] === known);
    if (found) return found;
  }
  return "en";
}
