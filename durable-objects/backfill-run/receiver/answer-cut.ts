// Judges a 2xx whose connection ended before the whole body arrived. Compares the received part of the body with
// the beginning of the usual answers. Does no I/O.
import { MORE } from "../../../src/pipeline/send/answer-members.ts";
import type { AnswerMembers } from "../../../src/contract/answers.ts";
import { masked } from "../../../src/pipeline/send/answer-masks.ts";
import {
  LEARNED_FROM,
  differences,
  isCovered,
  isSameWord,
  judgedAfter,
  knownMember,
  shortened,
  type Difference,
  type Profile,
} from "./answer-profile.ts";

/** The differences between the received part of the body and the beginning of a usual answer. A body that cannot be
 * compared also counts as a difference: an empty body, and any body while no answer is usual yet. */
export function cutDifferences(
  profile: Profile,
  status: number,
  answer: AnswerMembers,
  echoes: readonly number[],
): Difference[] {
  const found = differences(profile, status, answer, echoes);
  const rest = found.filter(({ path }) => path !== "@text" && !path.startsWith("@word."));
  const tail = answer.tail ?? "";
  if (answer.form === "text" && profile.forms.text > 0 && !isBeginning(profile, answer.words, tail))
    rest.push({ path: "@text", what: "changed", is: [...answer.words, tail].join(" ") });
  if (answer.form === "json" && profile.answers > 0 && !isKnownTail(profile, tail))
    rest.push({ path: "@tail", what: "appeared", is: masked(tail) });
  if (profile.answers < LEARNED_FROM || answer.form === "empty")
    rest.push({ path: "@whole", what: "broke_off", is: answer.form });
  return rest.filter((one) => !isCovered(profile, one)).map(shortened);
}

function isBeginning({ texts }: Profile, words: readonly string[], tail: string): boolean {
  return texts.some((known) => {
    if (!words.every((word, n) => isSameWord(known[n], word) || known[n] === MORE)) return false;
    const next = known[words.length];
    return tail === "" || next === MORE || next === "*" || (next?.startsWith(tail) ?? false);
  });
}

/** Whether the text ends inside the name, or inside the value, of a member that usual answers have. */
function isKnownTail(profile: Profile, tail: string): boolean {
  const [, name, colon, value = ""] = /(?:^|[{,])\s*"([^"\\]*)("\s*:?)?\s*"?([^{}[\]]*)$/.exec(tail) ?? [];
  if (name === undefined) return true;
  const named = Object.keys(profile.members).filter((path) => {
    const known = path.split(/\.|\[\]/).at(-1) ?? "";
    return colon === undefined ? known.startsWith(name) : known === name;
  });
  const judged = named.filter((path) => isJudged(profile, path));
  const text = value.replace(/"?\s*$/, "");
  if (colon === undefined || text === "" || judged.length === 0) return named.length > 0;
  // Masked values are left out, because a mask does not show how the value begins.
  const known = judged.flatMap((path) => knownMember(profile.members, path)?.values ?? []);
  return known.some((one) => /[#@]/.test(one) || one.startsWith(text));
}

function isJudged({ members }: Profile, path: string): boolean {
  const known = knownMember(members, path);
  if (!known || known.values === null) return false;
  return known.values.some((value) => {
    const after = judgedAfter(path, known.types, value);
    return after !== null && known.alike >= after;
  });
}
