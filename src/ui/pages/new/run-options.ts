// The options of a run that the form offers: their field in POST /runs, their flag in the command line, and their kind.
// Pure data.

interface OptionRow {
  /** The member of the request. */
  name: string;
  flag: string;
  kind: "number" | "flag" | "choice" | "hours";
  /** Of a choice: the first is the API's default. */
  values?: readonly string[];
  /** The lines or batches depend on it, so a plan has it already. */
  isInPlan?: true;
}

/** Shown when "More options" is unfolded. */
export const MORE_OPTIONS = [
  { name: "batch_size", flag: "--batch-size", kind: "number", isInPlan: true },
  { name: "max_requests_per_second", flag: "--requests-per-second", kind: "number" },
  { name: "max_bytes_per_second", flag: "--bytes-per-second", kind: "number" },
  { name: "max_in_flight", flag: "--in-flight", kind: "number" },
  { name: "polite", flag: "--polite", kind: "flag" },
  { name: "send_between", flag: "--send-between", kind: "hours" },
  { name: "daily_lines", flag: "--daily-lines", kind: "number" },
  { name: "on_uncertain", flag: "--on-uncertain", kind: "choice", values: ["resend", "hold"] },
  { name: "on_refused", flag: "--on-refused", kind: "choice", values: ["keep", "split"] },
  { name: "refusal_is_atomic", flag: "--refusal-is-atomic", kind: "flag" },
  { name: "on_corrupt", flag: "--on-corrupt", kind: "choice", values: ["fail", "salvage"], isInPlan: true },
  { name: "dedupe", flag: "--dedupe", kind: "choice", values: ["off", "file"], isInPlan: true },
] as const satisfies readonly OptionRow[];

export type OptionName = (typeof MORE_OPTIONS)[number]["name"];

export type RunOption = OptionRow & { name: OptionName };

/** Members of a request that are not options of `MORE_OPTIONS`, with their flag. */
const OTHER_FLAGS: Readonly<Record<string, string>> = {
  start: "--start",
  end: "--end",
  end_exclusive: "--exclusive",
  max_lines_per_second: "--cap",
  canary: "--canary",
  note: "--note",
  live: "--live",
  live_batch_size: "--live-batch-size",
  live_waiting: "--live-waiting",
  replay: "--replay",
  dry_run: "--dry-run",
  from_plan: "--from-plan",
  plan_hash: "--plan-hash",
};

const FLAGS: Readonly<Record<string, string>> = {
  ...OTHER_FLAGS,
  ...Object.fromEntries(MORE_OPTIONS.map(({ name, flag }) => [name, flag])),
};

/** The flag of a member of POST /runs. */
export function flagOf(member: string): string {
  const flag = FLAGS[member];
  if (flag === undefined) throw new Error(`no flag for ${member}`);
  return flag;
}
