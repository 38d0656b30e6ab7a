// Joins texts with the punctuation of the chosen language. Chinese text has full-width punctuation and no spaces.
import { language, texts } from "./texts.ts";

const MARKS = {
  en: {
    colon: ": ",
    semicolon: "; ",
    stop: ".",
    gap: " ",
    comma: ", ",
    range: " – ",
    open: " (",
    close: ")",
  },
  zh: {
    colon: "：",
    semicolon: "；",
    stop: "。",
    gap: "",
    comma: "、",
    range: "至 ",
    open: "（",
    close: "）",
  },
} as const;

export function mark(name: keyof (typeof MARKS)["en"]): string {
  return MARKS[language.value][name];
}

/** Returns a text such as "Lines: 5". A question gets no colon. */
export function named(name: string, value: string): string {
  if (/[?？]$/.test(name)) return sentences(name, value);
  return `${name}${mark("colon")}${value}`;
}

/** Returns a text such as "Lines (5)". */
export function bracketed(text: string, extra: string): string {
  return text + mark("open") + extra + mark("close");
}

/** Joins whole sentences. Leaves out empty ones. */
export function sentences(...parts: readonly (string | undefined)[]): string {
  return parts.filter(Boolean).join(mark("gap"));
}

/** Joins the items of a list. */
export function listed(items: readonly string[]): string {
  return items.join(mark("comma"));
}

/** The actor of a change. The API writes `token` for a caller that has only API_TOKEN and gave no name. */
export function actorText(actor: string): string {
  return actor === "token" ? bracketed(actor, texts.value.parts.tokenActor) : actor;
}
