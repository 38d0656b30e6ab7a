// What a 2xx really says. A partner that answers `200 {"code":500}` is the likeliest way to lose a whole run, so
// without SUCCESS_PATTERN the answers are compared with each other: the shape that the first five share is the usual
// one, and a batch that is answered in another shape is set aside. Pure.
//
//   learning    fewer than five answers seen: every 2xx counts
//   watching    a usual shape is known: another one holds its batch; after three the run is suspended
//   off         the first five had no shape in common: nothing can be told from shapes
//
// A shape: the status, and of JSON the keys and values with long numbers, ids, and echoes of the batch's own size
// masked; of anything else the first 64 bytes with digits masked.

export interface AnswerState {
  /** Shapes of the first answers, until there are five. */
  first: string[];
  usual: string | null;
  isOff: boolean;
  /** Answers in another shape that nobody judged yet. */
  unusual: number;
  /** An operator's word about a shape. */
  judged: Record<string, "success" | "refused">;
  /** One body for each of the two, as shown to the operator. */
  examples: { usual: string | null; unusual: string | null };
  /** Distinct bodies, the first of them, with a count each; the rest is only counted. */
  bodies: { status: number; body: string; count: number }[];
  otherBodies: number;
}

export type AnswerVerdict = "success" | "refused" | "unusual";

export const noAnswers: AnswerState = {
  first: [],
  usual: null,
  isOff: false,
  unusual: 0,
  judged: {},
  examples: { usual: null, unusual: null },
  bodies: [],
  otherBodies: 0,
};

const LEARNED_FROM = 5;
/** Unusual answers that suspend the run. */
export const UNUSUAL_TO_SUSPEND = 3;
const MAX_BODIES = 20;
const TEXT_BYTES = 64;

/** `echoes`: numbers of the batch itself (lines, bytes), which an honest receiver may repeat. */
export function shapeOf(status: number, body: string, echoes: number[]): string {
  return `${status} ${shapeOfBody(body, new Set(echoes))}`;
}

function shapeOfBody(body: string, echoes: ReadonlySet<number>): string {
  try {
    return JSON.stringify(masked(JSON.parse(body), echoes));
  } catch {
    return body.slice(0, TEXT_BYTES).replaceAll(/\d+/g, "#");
  }
}

function masked(value: unknown, echoes: ReadonlySet<number>): unknown {
  if (Array.isArray(value)) return value.map((item) => masked(item, echoes));
  if (value !== null && typeof value === "object") {
    const entries = Object.entries(value).map(([name, inner]): [string, unknown] => [
      name,
      masked(inner, echoes),
    ]);
    return Object.fromEntries(entries.toSorted(([a], [b]) => (a < b ? -1 : 1)));
  }
  if (typeof value === "number") return Math.abs(value) > 9_999 || echoes.has(value) ? "#" : value;
  if (typeof value === "string") return isId(value) ? "#" : value.replaceAll(/\d{5,}/g, "#");
  return value;
}

/** Something made for one answer: a UUID, a hash, a token, a time. */
function isId(text: string): boolean {
  return (
    /^[0-9a-f-]{16,}$/i.test(text) ||
    /^\d{4}-\d{2}-\d{2}[T ]/.test(text) ||
    (/^[A-Za-z0-9_+/=-]{16,}$/.test(text) && /\d/.test(text))
  );
}

export function answered(
  state: AnswerState,
  answer: { status: number; body: string; shape: string },
): { next: AnswerState; verdict: AnswerVerdict } {
  const next = withBody(state, answer);
  const verdict = state.judged[answer.shape];
  if (verdict) return { next, verdict };
  if (state.isOff || state.usual === answer.shape) return { next, verdict: "success" };
  if (state.usual === null) return { next: learn(next, answer), verdict: "success" };
  const examples = { ...next.examples, unusual: answer.body };
  return { next: { ...next, unusual: next.unusual + 1, examples }, verdict: "unusual" };
}

function learn(state: AnswerState, answer: { body: string; shape: string }): AnswerState {
  const first = [...state.first, answer.shape];
  if (first.length < LEARNED_FROM) return { ...state, first };
  const isShared = first.every((shape) => shape === answer.shape);
  if (!isShared) return { ...state, first, isOff: true };
  return { ...state, first, usual: answer.shape, examples: { ...state.examples, usual: answer.body } };
}

function withBody(state: AnswerState, { status, body }: { status: number; body: string }): AnswerState {
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

/** The run is suspended while as many unusual answers wait for an operator's word. */
export function answersSuspend(state: AnswerState): { code: string; detail: string } | null {
  if (state.unusual < UNUSUAL_TO_SUSPEND) return null;
  const { usual, unusual } = state.examples;
  const detail = `${state.unusual} answers differ from the usual one; usual: ${usual ?? ""}; unusual: ${unusual ?? ""}; resume with answers "success" or "refused"`;
  return { code: "unusual_answers", detail };
}

/** An operator's word about all shapes that were unusual so far. */
export function judgeShapes(state: AnswerState, shapes: string[], word: "success" | "refused"): AnswerState {
  const judged = { ...state.judged, ...Object.fromEntries(shapes.map((shape) => [shape, word])) };
  return { ...state, judged, unusual: 0, examples: { ...state.examples, unusual: null } };
}
