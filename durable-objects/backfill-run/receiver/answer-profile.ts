// Learns what the answers of a run have in common, member by member, and finds where an answer differs. Does no I/O.
//
// An answer differs when a member appears, disappears or changes its type, or when a constant member takes another
// value. A member named like a code counts as constant at once. A member named like a message needs 5 equal
// answers. Other texts, truth values and empty lists need 20. Numbers may vary freely, unless each number repeated
// the size of its batch. If a member changes earlier, its value may vary. After more than three values it is no
// longer compared.
import { isCodeName, isMessageName, masked, maskedCode } from "../../../src/pipeline/send/answer-masks.ts";
import { MORE } from "../../../src/pipeline/send/answer-members.ts";
import type { AnswerMembers, Form, Member } from "../../../src/contract/answers.ts";

export interface Known {
  types: string[];
  /** The masked values seen so far. Null: the values of the member vary, or are not compared. */
  values: string[] | null;
  /** How many answers came since the last new value. */
  alike: number;
  /** In how many answers the member was equal to the size of the batch. -1 after an answer in which it was not. */
  echoed: number;
}
export interface Profile {
  answers: number;
  forms: Record<Form, number>;
  statuses: number[];
  members: Record<string, Known>;
  /** Words of answers that are not JSON. "*" stands for any word. */
  texts: string[][];
  /** Differences that an operator allowed: "<path> value", "<path> presence" or "<path> type". */
  covered: string[];
}
export interface Difference {
  path: string;
  what: "appeared" | "disappeared" | "changed_type" | "changed" | "broke_off";
  /** The masked value in this answer. */
  is: string;
}

export const noProfile: Profile = {
  answers: 0,
  forms: { json: 0, text: 0, empty: 0 },
  statuses: [],
  members: {},
  texts: [],
  covered: [],
};

/** After how many answers with the same value another value counts as a difference. */
const CODE_CONSTANT = 1;
/** The limits for a message, and for a number or text of five digits. These limits are higher than the limit for a
 * code, because such values are more often equal by chance. */
const MESSAGE_CONSTANT = 5;
const OTHER_CONSTANT = 20;
const ECHOED = 5;
/** How many answers the run needs before it can compare. With fewer answers, no answer is usual yet. */
export const LEARNED_FROM = 5;
/** The most values remembered of one member. A member with more values varies. */
const MAX_VALUES = 3;
const MAX_TEXTS = 8;
const MAX_SHOWN_CHARS = 120;

/** After how many equal values the member counts as constant. Null: its value is never compared. */
export function judgedAfter(path: string, types: readonly string[], value: string): number | null {
  const isBare = path === "" && !types.includes("list") && !types.includes("object");
  if (isBare || isCodeName(path)) return /^\d{5,}$/.test(value) ? MESSAGE_CONSTANT : CODE_CONSTANT;
  if (isElement(path) || types.includes("number") || types.includes("object")) return null;
  return isMessageName(path) ? MESSAGE_CONSTANT : OTHER_CONSTANT;
}

function isElement(path: string): boolean {
  return path.includes("[]");
}

function valuesOf({ path, types, texts }: Member): string[] {
  if (!types.includes("text")) return texts;
  return texts.map((text) => (path === "" || isCodeName(path) ? maskedCode(text) : masked(text)));
}

/** The receiver chooses the names of members, so a name like `constructor` must not be found on the prototype. */
export function knownMember(members: Profile["members"], path: string): Known | undefined {
  return Object.hasOwn(members, path) ? members[path] : undefined;
}

export function differences(
  profile: Profile,
  status: number,
  answer: AnswerMembers,
  echoes: readonly number[],
): Difference[] {
  if (profile.answers === 0) return [];
  const found: Difference[] = [];
  if (!profile.statuses.includes(status))
    found.push({ path: "@status", what: "changed", is: String(status) });
  if (profile.forms[answer.form] === 0)
    found.push({ path: "@body", what: "changed_type", is: formOf(answer) });
  else if (answer.form === "text") found.push(...wordsDiffer(profile, answer.words));
  else if (answer.form === "json") found.push(...membersDiffer(profile, answer, echoes));
  return found.filter((one) => !isCovered(profile, one)).map(shortened);
}

export function shortened(difference: Difference): Difference {
  return { ...difference, is: difference.is.slice(0, MAX_SHOWN_CHARS) };
}

function formOf({ form, members, words }: AnswerMembers): string {
  if (form === "empty") return form;
  if (form === "text") return `text ${words.join(" ")}`;
  return `json ${members.map(({ path }) => path).filter(Boolean).join(" ")}`; // prettier-ignore
}

/** A decision about the presence or type of a member also covers everything below the member. */
export function isCovered({ covered }: Pick<Profile, "covered">, difference: Difference): boolean {
  const { path } = difference;
  if (covered.includes(coveredBy(difference))) return true;
  return ancestors(path).some(
    (above) => covered.includes(`${above} presence`) || covered.includes(`${above} type`),
  );
}

/** The entry of `covered` that allows this difference. */
export function coveredBy({ path, what }: Difference): string {
  switch (what) {
    case "appeared":
    case "disappeared":
      return `${path} presence`;
    case "changed_type":
      return `${path} type`;
    case "changed":
    case "broke_off":
      return `${path} value`;
  }
}

function membersDiffer({ members }: Profile, answer: AnswerMembers, echoes: readonly number[]): Difference[] {
  const found: Difference[] = [];
  const here = new Set(answer.members.map(({ path }) => path));
  for (const member of answer.members) {
    const { path, types } = member;
    const known = knownMember(members, path);
    const is = valuesOf(member).join("|");
    if (!known) {
      if (isNewHere(members, path)) found.push({ path, what: "appeared", is });
    } else if (!types.every((type) => known.types.includes(type)))
      found.push({ path, what: "changed_type", is: `${types.join("|")} ${is}`.trim() });
    else if (hasChanged(known, member, echoes)) found.push({ path, what: "changed", is });
  }
  // Members may be absent from an incomplete body, and elements of lists come and go.
  if (answer.tail === undefined) {
    for (const path of Object.keys(members)) {
      if (!here.has(path) && !isElement(path)) found.push({ path, what: "disappeared", is: "" });
    }
  }
  const gone = new Set(found.filter(({ what }) => what !== "changed").map(({ path }) => path));
  return found.filter(({ path }) => !ancestors(path).some((above) => gone.has(above)));
}

/** Whether the member is new. Elements of a list that was always empty are not new members. */
function isNewHere(members: Profile["members"], path: string): boolean {
  const list = path.lastIndexOf("[]");
  if (list < 0) return true;
  const element = path.slice(0, list + 2);
  return element !== path && knownMember(members, element) !== undefined;
}

function ancestors(path: string): string[] {
  const parts = path.split(/(?=\.|\[\])/);
  return parts.slice(0, -1).map((_part, n) => parts.slice(0, n + 1).join(""));
}

function hasChanged(known: Known, member: Member, echoes: readonly number[]): boolean {
  if (known.echoed >= ECHOED && !isEcho(member, echoes)) {
    // A constant number does not count as a repeated size, even if every batch had this size.
    return known.values?.length !== 1 || known.values[0] !== member.texts[0];
  }
  if (known.values === null) return false;
  return valuesOf(member).some((value) => {
    if (known.values?.includes(value)) return false;
    const after = judgedAfter(member.path, known.types, value);
    return after !== null && known.alike >= after && !isEcho(member, echoes);
  });
}

function isEcho({ types, texts }: Member, echoes: readonly number[]): boolean {
  return types.length === 1 && types[0] === "number" && texts.length === 1 && echoes.includes(Number(texts[0])); // prettier-ignore
}

function wordsDiffer({ texts }: Profile, words: readonly string[]): Difference[] {
  if (texts.some((known) => isSameText(known, words))) return [];
  const alike = texts.find((known) => known.length === words.length && isHalfAlike(known, words));
  if (!alike) return [{ path: "@text", what: "changed", is: words.join(" ") }];
  return words.flatMap((word, n) =>
    isSameWord(alike[n], word) ? [] : [{ path: `@word.${n}`, what: "changed" as const, is: word }],
  );
}

export function isSameWord(known: string | undefined, word: string | undefined): boolean {
  return known === "*" || known === word;
}

/** Compares two cut texts over the shorter list of words, because a longer number moves the cut. */
function isSameText(known: readonly string[], words: readonly string[]): boolean {
  const areLong = known.at(-1) === MORE && words.at(-1) === MORE;
  if (!areLong && known.length !== words.length) return false;
  const length = areLong ? Math.min(known.length, words.length) - 1 : words.length;
  return known.slice(0, length).every((word, n) => isSameWord(word, words[n]));
}

/** Whether at least half of the words are the same. The other words vary. Both texts have equally many words. */
function isHalfAlike(known: readonly string[], words: readonly string[]): boolean {
  return known.filter((word, n) => isSameWord(word, words[n])).length * 2 >= words.length;
}

/** The profile after one more answer that belongs to it. */
export function learned(
  profile: Profile,
  status: number,
  answer: AnswerMembers,
  echoes: readonly number[],
): Profile {
  const { statuses, texts } = profile;
  const next: Profile = {
    ...profile,
    answers: profile.answers + 1,
    forms: { ...profile.forms, [answer.form]: profile.forms[answer.form] + 1 },
    statuses: statuses.includes(status) ? statuses : [...statuses, status],
  };
  if (answer.form === "text" && !texts.some((known) => isSameText(known, answer.words)))
    next.texts = [...texts, answer.words].slice(-MAX_TEXTS);
  if (answer.form !== "json") return next;
  const seen = answer.members.map((member): [path: string, known: Known] => [
    member.path,
    learnedMember(knownMember(profile.members, member.path), member, echoes),
  ]);
  // The JavaScript object is made from entries, because an assignment to `__proto__` would create no member.
  next.members = Object.fromEntries([...Object.entries(profile.members), ...seen]);
  return next;
}

function learnedMember(known: Known | undefined, member: Member, echoes: readonly number[]): Known {
  const { path, types } = member;
  const values = valuesOf(member);
  const echoed = isEcho(member, echoes);
  if (!known) {
    const isJudged = echoed || values.some((value) => judgedAfter(path, types, value) !== null);
    return { types, values: isJudged ? values : null, alike: 1, echoed: echoed ? 1 : -1 };
  }
  const allTypes = types.every((type) => known.types.includes(type))
    ? known.types
    : [...new Set([...known.types, ...types])];
  const echoes_ = echoed && known.echoed >= 0 ? known.echoed + 1 : -1;
  const isNew = known.values !== null && values.some((value) => !known.values?.includes(value));
  if (!isNew) return { ...known, types: allTypes, alike: known.alike + 1, echoed: echoes_ };
  const all = [...new Set([...(known.values ?? []), ...values])];
  // A member that repeats the batch size may have as many values as there are batch sizes.
  const kept = all.length > MAX_VALUES && echoes_ < 0 ? null : all.slice(-MAX_VALUES);
  return { types: allTypes, values: kept, alike: 1, echoed: echoes_ };
}
