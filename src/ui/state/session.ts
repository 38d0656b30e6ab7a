// Who is signed in. When any request gets a 401, the page shows the sign-in form, and the address stays the same.
import { computed, signal } from "@preact/signals";
import { ask } from "../api/client.ts";
import type { MeAnswer } from "../../contract/api/api-types.ts";
import { paths } from "../api/paths.ts";
import { needsSignIn, type Problem } from "../api/problem.ts";
import { forgetCredential } from "../api/token.ts";
import { addSource, noteOutcome, type Source } from "./poller.ts";

/** Who the caller is, and the caller's role. Null: not known yet. */
export const me = signal<MeAnswer | null>(null);
/** Why the person must sign in. Null: this is not necessary. */
export const signInProblem = signal<Problem | null>(null);
/** Set when a var of the deployment cannot be used. No request gets data in this case. */
export const configProblem = signal<Problem | null>(null);

export const isOperator = computed(() => me.value?.role === "operator");

/** Is called with the outcome of every request. */
export function noteProblem(problem: Problem | null): void {
  noteOutcome(problem);
  if (problem && (needsSignIn(problem) || problem.code === "api_token_not_configured")) {
    signInProblem.value = problem;
  }
  if (problem?.code === "bad_configuration") configProblem.value = problem;
  if (problem === null) configProblem.value = null;
}

/** Asks the API who is signed in. Returns the problem, so that the sign-in form can show it. */
export async function loadMe(): Promise<Problem | null> {
  const answer = await ask(paths.me);
  noteProblem(answer.ok ? null : answer.problem);
  if (!answer.ok) return answer.problem;
  me.value = answer.data;
  signInProblem.value = null;
  return null;
}

/** How often the page asks for the role, which may be taken away while the page is open. */
const ROLE_AGE_MS = 60_000;

const person: Source = {
  askedAt: null,
  isBusy: false,
  slowestMs: ROLE_AGE_MS,
  works: () => false,
  async refresh() {
    if (signInProblem.peek() !== null) return;
    this.isBusy = true;
    this.askedAt = Date.now();
    await loadMe();
    this.isBusy = false;
  },
};

/** Asks who is signed in: now, later again, and when the API answers after it could not be reached. */
export function startSession(): void {
  addSource(person);
}

export async function signOut(): Promise<void> {
  forgetCredential();
  me.value = null;
  await loadMe();
}
