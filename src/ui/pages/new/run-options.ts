// The options of a run in the form: the name in POST /runs, the flag of the command line, and the kind of value.

import type { LineFormat } from "../../../contract/line-formats.ts";

/** The formats from which a person can choose. A test compares their names with those of the contract. */
const FORMATS = ["edge-3.0", "edge-3.0-2026-05"] as const satisfies readonly LineFormat[];

interface OptionRow {
  /** The member of the request body. */
  name: string;
  flag: string;
  kind: "number" | "flag" | "choice" | "hours";
  /** The values of a choice. The first one is the API's default, unless the row has `defaultVar`. */
  values?: readonly string[];
  /** The var that contains the API's default. */
  defaultVar?: string;
  /** True: the option decides about lines or batches. A plan already contains its value. */
  isInPlan?: true;
  /** True: the main form shows the option, so "More options" leaves it out. */
  isMain?: true;
}

/** The options under "More options", and the options of the main form whose `kind` is one of the kinds above
 * (number, flag, choice, hours). */
export const MORE_OPTIONS = [
  { name: "batch_size", flag: "--batch-size", kind: "number", isInPlan: true },
  { name: "max_requests_per_second", flag: "--requests-per-second", kind: "number" },
  { name: "max_bytes_per_second", flag: "--bytes-per-second", kind: "number" },
  { name: "max_in_flight", flag: "--in-flight", kind: "number" },
  { name: "polite", flag: "--polite", kind: "flag" },
  { name: "send_between", flag: "--send-between", kind: "hours" },
  { name: "daily_lines", flag: "--daily-lines", kind: "number" },
  { name: "on_uncertain", flag: "--on-uncertain", kind: "choice", values: ["resend", "hold"], isMain: true },
  { name: "on_refused", flag: "--on-refused", kind: "choice", values: ["keep", "split"] },
  { name: "refusal_is_atomic", flag: "--refusal-is-atomic", kind: "flag" },
  { name: "on_corrupt", flag: "--on-corrupt", kind: "choice", values: ["fail", "salvage"], isInPlan: true },
  { name: "dedupe", flag: "--dedupe", kind: "choice", values: ["off", "file"], isInPlan: true },
  {
    name: "format",
    flag: "--format",
    kind: "choice",
    values: FORMATS,
    defaultVar: "LINE_FORMAT",
    isInPlan: true,
  },
] as const satisfies readonly OptionRow[];

export type OptionName = (typeof MORE_OPTIONS)[number]["name"];

export type RunOption = OptionRow & { name: OptionName };

/** The flags of other members of the request. */
const OTHER_FLAGS: Readonly<Record<string, string>> = {
  receiver: "--receiver",
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

/** The command-line flag for a member of POST /runs. */
export function flagOf(member: string): string {
  const flag = FLAGS[member];
  if (flag === undefined) throw new Error(`no flag for ${member}`);
  return flag;
}
