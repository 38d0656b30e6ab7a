// The dictionary of the chosen language. Components read `texts.value`, and render again when the language changes.
// Each area of the dictionary is a script of its own, so that a visit loads only the texts that it shows.
import { signal } from "@preact/signals";
import type { en } from "./en/all.ts";
import type { Same } from "./same.ts";

export type Texts = Same<typeof en>;

export const LANGUAGES = ["en", "zh"] as const;
export type Language = (typeof LANGUAGES)[number];

/** "core" is needed by every page. The table of pages names the other areas of each page. */
export type Area =
  | "closed"
  | "core"
  | "coverage"
  | "home"
  | "newRun"
  | "problems"
  | "queue"
  | "rowReasons"
  | "receivers"
  | "run"
  | "runPlan"
  | "runParts"
  | "system";

/** Contains the areas that are loaded. Empty until `loadTexts` has ended, and the page renders nothing before that. */
export const texts = signal<Texts>({} as Texts);
/** The language in which the page now shows its texts. */
export const language = signal<Language>("en");
/** True: the language that was wanted last could not be loaded. */
export const isLanguageLost = signal(false);

type Dictionary = (area: Area) => Promise<Partial<Texts>>;
type Areas = Record<Area, () => Promise<Partial<Texts>>>;

const EN: Areas = {
  closed: () => import("./en/run-closed.ts"),
  core: () => import("./en/en.ts"),
  coverage: () => import("./en/coverage.ts"),
  home: () => import("./en/home.ts"),
  newRun: () => import("./en/new-run.ts"),
  problems: () => import("./en/more-problems.ts"),
  queue: () => import("./en/queue.ts"),
  receivers: () => import("./en/receivers.ts"),
  rowReasons: () => import("./en/row-area.ts"),
  run: () => import("./en/run-area.ts"),
  runPlan: () => import("./en/run-plan.ts"),
  runParts: () => import("./en/run-parts.ts"),
  system: () => import("./en/system.ts"),
};
const ZH: Areas = {
  closed: () => import("./zh/run-closed.ts"),
  core: () => import("./zh/zh.ts"),
  coverage: () => import("./zh/coverage.ts"),
  home: () => import("./zh/home.ts"),
  newRun: () => import("./zh/new-run.ts"),
  problems: () => import("./zh/more-problems.ts"),
  queue: () => import("./zh/queue.ts"),
  receivers: () => import("./zh/receivers.ts"),
  rowReasons: () => import("./zh/row-area.ts"),
  run: () => import("./zh/run-area.ts"),
  runPlan: () => import("./zh/run-plan.ts"),
  runParts: () => import("./zh/run-parts.ts"),
  system: () => import("./zh/system.ts"),
};
const DICTIONARIES: Record<Language, Dictionary> = { en: (area) => EN[area](), zh: (area) => ZH[area]() };

/** The areas that some page has needed so far. A change of the language loads all of them. */
const needed = new Set<Area>(["core"]);

/** Returns whether the wanted language was loaded. If not, the page keeps its present language, or takes English when
 * it has none.
 * @throws when no language can be loaded and none is loaded yet. */
export async function loadTexts(wanted: Language, dictionaries = DICTIONARIES): Promise<boolean> {
  try {
    texts.value = await loaded(dictionaries[wanted], needed);
    language.value = wanted;
    isLanguageLost.value = false;
    return true;
  } catch {
    // After a deployment, the script may no longer exist.
    if (Object.keys(texts.value).length === 0) {
      texts.value = await loaded(dictionaries.en, needed);
      language.value = "en";
    }
    isLanguageLost.value = true;
    return false;
  }
}

/** Adds areas to `texts`, in the language that the page has.
 * @throws when an area cannot be loaded. */
export async function needTexts(areas: readonly Area[], dictionaries = DICTIONARIES): Promise<void> {
  for (const area of areas) needed.add(area);
  for (;;) {
    const shown = language.value;
    const added = await loaded(dictionaries[shown], areas);
    // The person chose the other language meanwhile.
    if (shown !== language.value) continue;
    texts.value = { ...texts.value, ...added };
    return;
  }
}

async function loaded(dictionary: Dictionary, areas: Iterable<Area>): Promise<Texts> {
  const parts = await Promise.all(Array.from(areas, (area) => dictionary(area)));
  return Object.assign({}, ...parts) as Texts;
}

/** The first of the browser's languages for which the page has texts. */
export function languageOf(wanted: readonly string[]): Language {
  for (const tag of wanted) {
    const found = LANGUAGES.find((known) => tag.toLowerCase().split("-")[0] === known);
    if (found) return found;
  }
  return "en";
}
