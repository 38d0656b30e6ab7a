// Says why a file or a batch is in its state, and what an attempt ended with, in the words of the dictionary.
import type { CorruptReason, MalformedSample } from "../../contract/file-counts.ts";
import { waitsFor } from "../state/batch-waits.ts";
import { explainReason, fileWord } from "./codes.ts";
import { count } from "./numbers.ts";
import { texts } from "./texts.ts";

/** The beginnings of the API's texts that contain no code, each with the key of its words. */
const SENTENCES: readonly (readonly [beginning: RegExp, key: SentenceKey])[] = [
  [/^the same as batch (\d+)/, "sameAs"],
  [/^inherited: delivered by (\S+)/, "inheritedDelivered"],
  [/^inherited: uncertain in (\S+)/, "inheritedUncertain"],
  [/^resolved as delivered: (.*)/s, "resolvedDelivered"],
  [/^resolved as discarded: (.*)/s, "resolvedDiscarded"],
  [/^counted by a dry run/, "countedOnly"],
  [/^its file was accepted/, "fileAccepted"],
];
type KnownCode = CorruptReason | MalformedSample["reason"];
type SentenceKey = keyof typeof texts.value.rowReasons.sentences;

/** The reason of a file or batch in the page's words. Null: the dictionary has no words for the reason. */
export function rowReason(state: string, reason: string): string | null {
  const t = texts.value.rowVerbs;
  const waits = waitsFor({ state, reason });
  if (waits === "size") return t.waitsForSize;
  if (waits === "file") return t.waitsForFile(fileWord(/^stranded: (\w+)/.exec(reason)?.[1] ?? ""));
  const { sentences } = texts.value.rowReasons;
  for (const [beginning, key] of SENTENCES) {
    const found = beginning.exec(reason);
    const words = sentences[key];
    if (found) return typeof words === "string" ? words : words(found[1] ?? "");
  }
  const attempt = /^attempt (\d+): (\w+)/.exec(reason);
  if (attempt) return texts.value.rowReasons.attempt(count(Number(attempt[1])), causeWord(attempt[2] ?? ""));
  return wordsOf(/^[a-z_]\w*/.exec(reason)?.[0] ?? "");
}

/** The cause with which an attempt ended. The code itself when the dictionary does not have it. */
export function causeWord(cause: string): string {
  return wordsOf(cause) ?? cause;
}

function wordsOf(code: string): string | null {
  const t = texts.value.rowReasons;
  // The compiler refuses a code of a damaged file or line without words.
  const known: Readonly<Record<string, string>> = t.codes satisfies Record<KnownCode, string>;
  if (Object.hasOwn(known, code)) return known[code] ?? null;
  const status = /^http_(\w+?)(_in_part)?$/.exec(code);
  if (status) return status[2] ? t.httpInPart(status[1] ?? "") : t.http(status[1] ?? "");
  return explainReason(code)?.[0] ?? null;
}
