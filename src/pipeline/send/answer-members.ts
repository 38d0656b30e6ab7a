// Splits an answer into a flat list of its members, as the sender reports them. Does no I/O. This file never judges an
// answer.
//   JSON     one member per name, by its path; elements of a list share the path `path[]`
//   text     one list of words, with times, ids and numbers masked
//   empty    nothing
// A body that ended early gives only the members that arrived whole.
import { isId, wordsOf } from "./answer-masks.ts";
import type { AnswerMembers, Member } from "../../contract/answers.ts";
const MAX_MEMBERS = 100;
const MAX_DEPTH = 8;
const MAX_TEXTS = 8;
const MAX_TEXT_CHARS = 120;
const MAX_NAME_CHARS = 60;
/** How many words of a text are compared. Further down, two HTML pages with the same meaning often differ. */
const MAX_WORDS = 60;
const WORDS_OF_CHARS = 512;
/** Stands for the words that are not compared. */
export const MORE = "…";

export function membersOf(body: string, isWhole: boolean): AnswerMembers {
  if (body.trim() === "") return { form: "empty", members: [], words: [] };
  const json = parsed(body);
  // If the body ended inside a number, only the beginning of the number arrived.
  if (json && (isWhole || typeof json.value === "object"))
    return { form: "json", members: flat(json.value), words: [] };
  const cut = isWhole ? null : mended(body);
  if (cut) return { form: "json", members: flat(cut.value), words: [], tail: cut.tail };
  const words = wordsOf(body.slice(0, WORDS_OF_CHARS));
  if (!isWhole && body.length <= WORDS_OF_CHARS) {
    // The last word may be incomplete.
    return { form: "text", members: [], words: words.slice(0, -1), tail: words.at(-1) ?? "" };
  }
  const isLong = body.length > WORDS_OF_CHARS || words.length > MAX_WORDS;
  const kept = isLong ? [...words.slice(0, -1).slice(0, MAX_WORDS), MORE] : words;
  return { form: "text", members: [], words: kept };
}

function parsed(text: string): { value: unknown } | null {
  try {
    return { value: JSON.parse(text) as unknown };
  } catch {
    return null;
  }
}

/** Parses JSON text that was cut off: drops what follows the last whole member (`tail`), and adds the missing closing
 * brackets. Null: the text does not begin with an object or a list, or the repaired text is not valid JSON. */
function mended(text: string): { value: unknown; tail: string } | null {
  const start = text.trimStart();
  if (!/^[{[]/.test(start)) return null;
  // A second scan: noting the closers at every member would cost the square of a deep text's length.
  const { safeAt } = scanned(start, start.length);
  const closers = scanned(start, safeAt).open.toReversed().join("");
  const json = parsed(start.slice(0, safeAt) + closers);
  return json && { ...json, tail: start.slice(safeAt) };
}

/** Where the last whole member before `end` ends, and the closing brackets of what is open at `end`. */
function scanned(text: string, end: number): { safeAt: number; open: string[] } {
  const open: string[] = [];
  let safeAt = 1;
  let isInText = false;
  for (let at = 0; at < end; at += 1) {
    const char = text[at];
    if (isInText) {
      if (char === "\\") at += 1;
      else if (char === '"') isInText = false;
      continue;
    }
    if (char === '"') isInText = true;
    else if (char === "{" || char === "[") open.push(char === "{" ? "}" : "]");
    else if (char === "}" || char === "]") {
      open.pop();
      safeAt = at + 1;
    } else if (char === ",") safeAt = at;
  }
  return { safeAt, open };
}

function flat(value: unknown): Member[] {
  const found = new Map<string, Member>();
  const add = (path: string, type: string, text: string | null): void => {
    const known = found.get(path);
    if (!known) {
      if (found.size < MAX_MEMBERS)
        found.set(path, { path, types: [type], texts: text === null ? [] : [text] });
      return;
    }
    if (!known.types.includes(type)) known.types.push(type);
    if (text !== null && known.texts.length < MAX_TEXTS && !known.texts.includes(text))
      known.texts.push(text);
  };
  const walk = (path: string, inner: unknown, depth: number): void => {
    if (Array.isArray(inner)) {
      add(path, "list", inner.length === 0 ? "empty" : "filled");
      if (depth < MAX_DEPTH) for (const item of inner) walk(`${path}[]`, item, depth + 1);
    } else if (inner !== null && typeof inner === "object") {
      add(path, "object", null);
      if (depth >= MAX_DEPTH) return;
      for (const [name, member] of Object.entries(inner)) walk(joined(path, name), member, depth + 1);
    } else if (typeof inner === "string") add(path, "text", inner.slice(0, MAX_TEXT_CHARS));
    else add(path, inner === null ? "null" : typeof inner, String(inner));
  };
  walk("", value, 0);
  return [...found.values()];
}

/** A JSON object whose names are ids is treated as a list of its values. */
function joined(path: string, name: string): string {
  if (isId(name) || /^\d+$/.test(name)) return `${path}[]`;
  const short = name.slice(0, MAX_NAME_CHARS);
  return path === "" ? short : `${path}.${short}`;
}
