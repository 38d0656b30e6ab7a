// The form of a doctor's check: the question that it answers, its possible outcomes, and the remedy of each. There
// is a table of checks of the clone, of the connection and of the deployment.

const DOCTOR_LEVELS = ["ok", "warning", "fault"] as const;
/** A fault breaks runs or the API. A warning needs a person's judgement. */
export type DoctorLevel = (typeof DOCTOR_LEVELS)[number];

export interface DeclaredOutcome {
  level: DoctorLevel;
  /** What to do. Null: nothing. */
  remedy: string | null;
}

export interface DeclaredCheck {
  /** The question that the check answers. */
  question: string;
  outcomes: Readonly<Record<string, DeclaredOutcome>>;
}

export type DeclaredChecks = Readonly<Record<string, DeclaredCheck>>;

/** What a check found. `detail` never contains a secret, a URL or the content of a log. */
export type Finding<Checks extends DeclaredChecks> = {
  [Name in keyof Checks & string]: {
    check: Name;
    outcome: keyof Checks[Name]["outcomes"] & string;
    detail: string;
  };
}[keyof Checks & string];

/** One line of the doctor. */
export interface DoctorLine {
  check: string;
  outcome: string;
  level: DoctorLevel;
  detail: string;
  remedy: string | null;
}

export const OK: DeclaredOutcome = { level: "ok", remedy: null };

export function warning(remedy: string): DeclaredOutcome {
  return { level: "warning", remedy };
}

export function fault(remedy: string): DeclaredOutcome {
  return { level: "fault", remedy };
}

/** Adds level and remedy to each finding. */
export function linesOf<Checks extends DeclaredChecks>(
  checks: Checks,
  findings: readonly Finding<Checks>[],
): DoctorLine[] {
  return findings.map(({ check, outcome, detail }) => {
    const declared = checks[check]?.outcomes[outcome];
    if (declared === undefined) throw new Error(`the check ${check} declares no outcome ${outcome}`);
    return { check, outcome, detail, level: declared.level, remedy: declared.remedy };
  });
}

/** The most serious level of the lines. */
export function worstOf(lines: readonly { level: DoctorLevel }[]): DoctorLevel {
  const has = (level: DoctorLevel): boolean => lines.some((line) => line.level === level);
  return has("fault") ? "fault" : has("warning") ? "warning" : "ok";
}
