// The dictionary of the chosen language. Components read `texts.value`, and render again when the language changes.
// A page's texts are a file of its own in `en/` and `zh/`, added to the two dictionaries.
import { signal } from "@preact/signals";
import { en } from "./en/en.ts";
import type { Same } from "./same.ts";

export type Texts = Same<typeof en>;

export const LANGUAGES = ["en", "zh"] as const;
export type Language = (typeof LANGUAGES)[number];

export const texts = signal<Texts>(en);
/** The language of `texts`. */
export const language = signal<Language>("en");

/** Chinese is a chunk of its own, so that a person loads one language only. */
export async function showLanguage(wanted: Language): Promise<void> {
  const dictionary = wanted === "en" ? en : await loadChinese();
  // A deployment may have replaced the chunk. Then the page goes on in the language that it has.
  if (dictionary === null) return;
  texts.value = dictionary;
  language.value = wanted;
  document.documentElement.lang = wanted === "zh" ? "zh-CN" : "en";
}

async function loadChinese(): Promise<Texts | null> {
  try {
    return (await import("./zh/zh.ts")).zh;
  } catch {
    return null;
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
