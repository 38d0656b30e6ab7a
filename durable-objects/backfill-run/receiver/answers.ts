// Decides whether a 2xx is a success. A partner that answers `200 {"code":500}` could lose a whole run. So answers are
// compared with each other, member by member (answer-profile.ts). Does no I/O. Takes the state and an answer, and
// returns the new state and a verdict.
//
//   learning    fewer than five answers: an answer like them is a success. An answer of another kind is held, and the
//               run asks an operator which kind is the usual kind
//   watching    five answers agree: an answer of another kind is held, and the third makes the run ask
//
// Answers are compared in every state. An operator decides about each kind. "success" allows the members in which
// the kind differs. "refused" refuses the kind from here on. "resend" sends the batches of the kind again.
import { REPORTED_BODY_CHARS } from "../../../src/contract/sending.ts";
import { cutDifferences } from "./answer-cut.ts";
import { membersOf } from "../../../src/pipeline/send/answer-members.ts";
import type { AnswerMembers, Word } from "../../../src/contract/answers.ts";
import {
  LEARNED_FROM,
  coveredBy,
  differences,
  learned,
  noProfile,
  type Difference,
  type Profile,
} from "./answer-profile.ts";
import { isCodeName } from "../../../src/pipeline/send/answer-masks.ts";

/** Answers that differ from the usual answers in the same way. */
export interface AnswerKind {
  /** `k1`, `k2` …: the name by which an operator refers to the kind. */
  id: string;
  /** How the kind differs. Two answers with the same key are of one kind. */
  key: string;
  differs: Difference[];
  status: number;
  /** The first body of this kind, as received. */
  body: string;
  count: number;
  /** Answers of this kind that wait for an operator's decision. */
  waiting: number;
  word: Word | null;
}
export interface AnswerState {
  profile: Profile;
  /** The first usual answer, as shown to the operator. */
  usual: { status: number; body: string } | null;
  /** Attempts that counted as success while the check was learning. The decision "refused" for the usual kind
   * reverses them. */
  taken: [batch: number, attempt: number][];
  kinds: AnswerKind[];
  nextKind: number;
  /** The run waits for an operator's decision about kinds. */
  isAsking: boolean;
  /** The forms of answers that an operator declared to be refusals. An answer with such a form is always a refusal. */
  refusedLooks: string[];
  pattern: PatternState | null;
  /** The decisions of operators, with the newest last. */
  words: { at: number; actor: string; note: string | null; words: Record<string, Word> }[];
  /** The first distinct bodies, with a count each. Further bodies are only counted. */
  bodies: { status: number; body: string; count: number }[];
  otherBodies: number;
}
export interface Answer {
  status: number;
  body: string;
  /** False when the connection ended before the whole body arrived. */
  isWhole: boolean;
  members: AnswerMembers;
  /** Numbers of the batch itself (lines, bytes), which an honest receiver may repeat. */
  echoes: number[];
  ref: [batch: number, attempt: number];
}
/** `kind` is the id of the answer's kind, or "usual". */
export type AnswerVerdict = { is: "success" | "refused" | "unusual"; kind: string };

export const USUAL = "usual";
export const noAnswers: AnswerState = {
  profile: noProfile,
  usual: null,
  taken: [],
  kinds: [],
  nextKind: 1,
  isAsking: false,
  refusedLooks: [],
  pattern: null,
  words: [],
  bodies: [],
  otherBodies: 0,
};

/** After this many unusual answers the run asks an operator, if five answers were equal before. */
const UNUSUAL_TO_ASK = 3;
const MAX_BODIES = 20;
const MAX_KINDS = 20;
const OTHERS = "others";
const MAX_DIFFERENCES = 20;
const MAX_COVERED = 100;
const MAX_KEY_CHARS = 400;
/** The longest list `taken`. While the run learns, it cannot have more open attempts. */
const MAX_TAKEN = 100;
const MAX_SHOWN_CHARS = 200;

export function answered(state: AnswerState, answer: Answer): { next: AnswerState; verdict: AnswerVerdict } {
  const next = withBody(state, answer);
  const look = lookOf(answer);
  const isRefused = state.refusedLooks.includes(look);
  const differs = isRefused ? [] : differencesOf(state.profile, answer);
  if (!isRefused && differs.length === 0)
    return { next: usual(next, answer), verdict: { is: "success", kind: USUAL } };
  const own = (isRefused ? look : keyOf(differs)).slice(0, MAX_KEY_CHARS);
  const isFull = next.kinds.filter((kind) => kind.waiting > 0).length >= MAX_KINDS;
  const isKnown = next.kinds.some((kind) => kind.key === own);
  // With so many kinds, the differences vary from answer to answer. All further answers form one kind.
  const key = isFull && !isKnown ? OTHERS : own;
  const known = next.kinds.find((kind) => kind.key === key);
  const kind = known ?? newKind(next, key, differs, answer, isRefused);
  const isOpen = !isRefused && kind.word !== "refused";
  const counted = { ...kind, count: kind.count + 1, waiting: kind.waiting + (isOpen ? 1 : 0) };
  const kinds = known
    ? next.kinds.map((one) => (one === known ? counted : one))
    : trimmed([...next.kinds, counted]);
  const all = { ...next, kinds, nextKind: next.nextKind + (known ? 0 : 1) };
  return {
    next: { ...all, isAsking: all.isAsking || (isOpen && mustAsk(all, differs)) },
    verdict: { is: isOpen ? "unusual" : "refused", kind: kind.id },
  };
}

function differencesOf(profile: Profile, { status, members, echoes, isWhole }: Answer): Difference[] {
  const isComplete = isWhole || (members.form === "json" && members.tail === undefined);
  if (isComplete) return differences(profile, status, members, echoes);
  return cutDifferences(profile, status, members, echoes);
}

function usual(state: AnswerState, answer: Answer): AnswerState {
  // The profile learns nothing from an incomplete answer.
  const profile = answer.isWhole
    ? learned(state.profile, answer.status, answer.members, answer.echoes)
    : state.profile;
  const isLearning = state.isAsking || profile.answers < LEARNED_FROM;
  return {
    ...state,
    profile,
    usual: state.usual ?? { status: answer.status, body: answer.body },
    taken: isLearning ? [...state.taken, answer.ref].slice(-MAX_TAKEN) : [],
  };
}

/** The key of a kind. If a code differs, only the code decides the kind, because the message may vary. */
function keyOf(differs: readonly Difference[]): string {
  const codes = differs.filter(({ path }) => isCodeName(path) || path === "@status");
  return (codes.length > 0 ? codes : differs).map(({ path, what, is }) => `${path} ${what} ${is}`).join("; ");
}

function newKind(
  state: AnswerState,
  key: string,
  differs: readonly Difference[],
  { status, body }: Answer,
  isRefused: boolean,
): AnswerKind {
  const word = isRefused ? "refused" : null;
  const some = differs.slice(0, MAX_DIFFERENCES);
  return { id: `k${state.nextKind}`, key, differs: some, status, body, count: 0, waiting: 0, word };
}

/** Whether the run must ask an operator. While no answer is usual, one answer of another kind is enough. A difference
 * is not enough if it only means that the body is incomplete. */
function mustAsk({ profile, kinds }: AnswerState, differs: readonly Difference[]): boolean {
  const waiting = kinds.reduce((sum, kind) => sum + kind.waiting, 0);
  const isCutOnly = differs.every(({ what }) => what === "broke_off");
  return waiting >= UNUSUAL_TO_ASK || (profile.answers < LEARNED_FROM && !isCutOnly);
}

/** The form of an answer, without comparison with other answers. */
function lookOf({ status, members }: Pick<Answer, "status" | "members">): string {
  const { form, words } = members;
  const parts = members.members.map(
    ({ path, types, texts }) => `${path}:${types.join("|")}${isCodeName(path) ? `=${texts.join("|")}` : ""}`,
  );
  return `${status} ${form} ${[...parts, ...words].join(" ")}`.slice(0, MAX_KEY_CHARS);
}

export function withBody(
  state: AnswerState,
  { status, body }: { status: number; body: string },
): AnswerState {
  const known = state.bodies.findIndex((one) => one.status === status && one.body === body);
  if (known >= 0) {
    return {
      ...state,
      bodies: state.bodies.map((one, n) => (n === known ? { ...one, count: one.count + 1 } : one)),
    };
  }
  if (state.bodies.length >= MAX_BODIES) return { ...state, otherBodies: state.otherBodies + 1 };
  return { ...state, bodies: [...state.bodies, { status, body, count: 1 }] };
}

/** Suspends the run while answers of other kinds wait for an operator's decision. */
export function answersSuspend(state: AnswerState): { code: string; detail: string } | null {
  if (!state.isAsking) return null;
  const kinds = state.kinds.filter((kind) => kind.waiting > 0);
  const other = kinds.map(
    ({ id, count, status, body, differs }) =>
      `${id} (${count}): ${status} ${shown(body)} [${differs.map(spelt).join(", ")}]`,
  );
  const first = state.usual
    ? `usual (${state.profile.answers}): ${state.usual.status} ${shown(state.usual.body)}; `
    : "";
  const detail = `answers differ: ${first}${other.join("; ")}; resume with answers "success", "refused" or "resend", or with one decision for each kind`;
  return { code: "unusual_answers", detail };
}

function shown(body: string): string {
  return body.length > MAX_SHOWN_CHARS ? `${body.slice(0, MAX_SHOWN_CHARS)}…` : body;
}

export function spelt({ path, what, is }: Difference): string {
  const name = path === "" ? "the value" : path;
  return `${name} ${what.replace("_", " ")}${is === "" ? "" : ` (${shown(is)})`}`;
}

/** Applies an operator's decisions, by kind. `taken`: attempts that counted as success and no longer do. */
export function judged(
  state: AnswerState,
  words: Readonly<Record<string, Word>>,
): { next: AnswerState; taken: [batch: number, attempt: number][] } {
  let next: AnswerState = { ...state, isAsking: false, taken: [] };
  const isUsualRefused = words[USUAL] === "refused";
  const looks: string[] = [];
  if (isUsualRefused && state.usual) {
    looks.push(lookOf(sampleOf(state.usual)));
    next = { ...next, profile: { ...noProfile, covered: [] }, usual: null };
  }
  for (const kind of state.kinds) {
    const word = words[kind.id];
    if (word === undefined) continue;
    if (word === "refused" && !kind.differs.every(({ what }) => what === "broke_off"))
      looks.push(lookOf(sampleOf(kind)));
    if (word === "success") next = covering(next, kind);
  }
  const kinds = state.kinds.map((kind) => {
    const word = words[kind.id];
    return word === undefined ? kind : { ...kind, word, waiting: 0 };
  });
  const isOpen = kinds.some((kind) => kind.waiting > 0);
  // Kinds that the decision does not name still wait.
  next = { ...next, kinds: trimmed(kinds), isAsking: state.isAsking && isOpen };
  next.refusedLooks = [...new Set([...next.refusedLooks, ...looks])].slice(-MAX_KINDS);
  return { next, taken: isUsualRefused ? state.taken : [] };
}

function sampleOf({ status, body }: { status: number; body: string }) {
  return { status, members: membersOf(body, body.length < REPORTED_BODY_CHARS) };
}

/** Makes this kind usual: the members in which it differs are no longer compared. */
function covering(state: AnswerState, kind: AnswerKind): AnswerState {
  const { members } = sampleOf(kind);
  const { profile } = state;
  const paths = kind.differs.map(({ path }) => path);
  const stars = new Set(
    paths.flatMap((path) => (path.startsWith("@word.") ? [Number(path.slice("@word.".length))] : [])),
  );
  const texts = profile.texts.map((text) =>
    text.length === members.words.length ? text.map((word, n) => (stars.has(n) ? "*" : word)) : text,
  );
  const covered = [...new Set([...profile.covered, ...kind.differs.map(coveredBy)])].slice(-MAX_COVERED);
  const isCut = kind.differs.some(({ what }) => what === "broke_off");
  const base = { ...profile, texts, covered };
  return {
    ...state,
    profile: isCut ? base : learned(base, kind.status, members, []),
    usual: state.usual ?? { status: kind.status, body: kind.body },
  };
}

/** Settled kinds make room for new kinds, the oldest first. */
function trimmed(kinds: AnswerKind[]): AnswerKind[] {
  const settled = kinds.filter((kind) => kind.waiting === 0);
  const spare = new Set(settled.slice(0, Math.max(0, kinds.length - MAX_KINDS - 1)));
  return kinds.filter((kind) => !spare.has(kind));
}

export interface PatternState {
  /** A hash that identifies the pattern. */
  print: string;
  hasMatched: boolean;
  /** How many answers in a row did not match, and the first batches among them. */
  misses: number;
  missed: number[];
  isWaiting: boolean;
  /** An operator's decision about answers that do not match. */
  word: Exclude<Word, "resend"> | null;
}
