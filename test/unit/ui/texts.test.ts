// Tests which language the page has after the script of a language was lost, and while an area of texts loads.
import { describe, expect, it } from "vitest";
import {
  isLanguageLost,
  language,
  loadTexts,
  needTexts,
  texts,
  type Texts,
} from "../../../src/ui/text/texts.ts";
import { en } from "../../../src/ui/text/en/all.ts";
import { zh } from "../../../src/ui/text/zh/all.ts";

const lost = () => Promise.reject(new Error("404"));
const all = { en: async () => en, zh: async () => zh };

function forget(): void {
  texts.value = {} as Texts;
  language.value = "en";
}

it("takes English when the first language is lost", async () => {
  forget();
  expect(await loadTexts("zh", { ...all, zh: lost })).toBe(false);
  expect(texts.value.frame.nav.home).toBe("Home");
  expect([language.value, isLanguageLost.value]).toEqual(["en", true]);
});

it("keeps the language that is loaded, until the other one loads", async () => {
  forget();
  expect(await loadTexts("zh", all)).toBe(true);
  expect(await loadTexts("en", { ...all, en: lost })).toBe(false);
  expect([language.value, isLanguageLost.value]).toEqual(["zh", true]);
  expect(await loadTexts("en", all)).toBe(true);
  expect([language.value, isLanguageLost.value]).toEqual(["en", false]);
});

it("throws when no language loads", async () => {
  forget();
  await expect(loadTexts("zh", { en: lost, zh: lost })).rejects.toThrow("404");
});

describe("an area", () => {
  it("is loaded in the language of the page", async () => {
    forget();
    await loadTexts("zh", all);
    await needTexts(["queue"], all);
    expect(texts.value.queue.title).toBe(zh.queue.title);
  });

  it("is loaded again when the language changes while it loads", async () => {
    forget();
    const slow = async () => {
      await loadTexts("zh", { ...all, en: slow });
      return en;
    };
    await needTexts(["queue"], { ...all, en: slow });
    expect(texts.value.queue.title).toBe(zh.queue.title);
  });
});
