// The checks of the command line itself: whether it finds a clone, whether it reaches the API, and whether the clocks
// agree. Does no I/O.
import type { DeclaredChecks, DoctorLine, Finding } from "../../contract/doctor.ts";

export const CONNECTION_CHECKS = {
  clone: {
    question: "Can the clone's own checks be run?",
    outcomes: {
      checked: { level: "ok", remedy: null },
      failed: { level: "fault", remedy: "Run `npm ci`, then `npm run doctor`, in the clone." },
    },
  },
  api: {
    question: "Does the API answer, and may this caller use the doctor?",
    outcomes: {
      answers: { level: "ok", remedy: null },
      not_reached: { level: "fault", remedy: "Check the address and the network." },
      not_signed_in: { level: "fault", remedy: "Set `BACKFILL_TOKEN`, or sign in to Access." },
      not_allowed: { level: "fault", remedy: "Use a token with the role operator." },
      refused: { level: "fault", remedy: "Read the code in docs/reference/problems.md." },
    },
  },
  clock: {
    question: "Does this machine's clock agree with the clock of the Worker?",
    outcomes: {
      agrees: { level: "ok", remedy: null },
      differs: { level: "warning", remedy: "Correct the clock of this machine." },
    },
  },
} as const satisfies DeclaredChecks;

type ConnectionFinding = Finding<typeof CONNECTION_CHECKS>;

/** How far the clocks may differ. A request takes seconds. A clock that the network sets differs by less than a
 * second. */
const CLOCK_SLACK_MS = 60_000;

export function lineOf({ check, outcome, detail }: ConnectionFinding): DoctorLine {
  const outcomes: DeclaredChecks[string]["outcomes"] = CONNECTION_CHECKS[check].outcomes;
  const { level = "fault", remedy = null } = outcomes[outcome] ?? {};
  return { check, outcome, level, detail, remedy };
}

/** `beganMs` and `endedMs`: this machine's clock before and after the request. `asOfMs`: the Worker's clock between
 * the two. */
export function clockLine(asOfMs: number, beganMs: number, endedMs: number): DoctorLine {
  const awayMs = asOfMs < beganMs ? asOfMs - beganMs : Math.max(0, asOfMs - endedMs);
  const isNear = Math.abs(awayMs) <= CLOCK_SLACK_MS;
  const detail = isNear ? "both clocks agree" : `the Worker's clock is ${Math.round(awayMs / 1_000)} s ahead`;
  return lineOf({ check: "clock", outcome: isNear ? "agrees" : "differs", detail });
}

/** The doctor's line when the API refuses the request. */
export function refusedLine(status: number, code: string | null): DoctorLine {
  const detail = code === null ? `the API answered ${status}` : `the API answered ${status} ${code}`;
  if (status === 401) return lineOf({ check: "api", outcome: "not_signed_in", detail });
  if (code === "not_allowed") return lineOf({ check: "api", outcome: "not_allowed", detail });
  return lineOf({ check: "api", outcome: "refused", detail });
}
