// The form of a new run as texts, its form in the address, and the request that it makes. Does no I/O.
import { CAREFUL } from "../../state/new-run-link.ts";
import { namedReceiver } from "../../state/receiver-names.ts";
import { MORE_OPTIONS, type OptionName, type RunOption } from "./run-options.ts";

/** Texts as they were typed. Instants are in UTC, and are empty while the typed text is not an instant. Flags are
 * "true" or "". */
export interface RunForm {
  /** The name of the receiver. "": the first receiver. */
  receiver: string;
  start: string;
  end: string;
  end_exclusive: string;
  max_lines_per_second: string;
  canary: string;
  note: string;
  /** "skip_delivered" or "". */
  live: string;
  live_batch_size: string;
  live_waiting: string;
  /** The id of the dry run to replay. "": the form replays a window. */
  from_plan: string;
  options: Readonly<Partial<Record<OptionName, string>>>;
}

/** The fields of the form that are not in MORE_OPTIONS, in the order of the request. */
const FIELDS = [
  "from_plan", "receiver", "start", "end", "end_exclusive", "max_lines_per_second", "canary", "live", "live_batch_size",
  "live_waiting", "note",
] as const; // prettier-ignore
/** The fields that come from the plan when a plan is replayed. */
const OF_PLAN: ReadonlySet<string> = new Set([
  "receiver", "start", "end", "end_exclusive", "live", "live_batch_size", "live_waiting",
]); // prettier-ignore
/** The fields whose text in the address must be an instant. Any other text is dropped, as if nothing had been
 * typed. */
const INSTANTS: ReadonlySet<string> = new Set(["start", "end"]);
const NUMBERS: ReadonlySet<string> = new Set(["max_lines_per_second", "canary", "live_batch_size"]);

export const OPTIONS: readonly RunOption[] = MORE_OPTIONS;

export function formOf(query: URLSearchParams): RunForm {
  // An empty form begins with the settings of a careful start, and its end is outside, so that two adjoining windows
  // do not share an instant. An address with a window contains all settings itself.
  const isEmpty = !["start", "end", "from_plan"].some((name) => query.has(name));
  const defaults: Readonly<Record<string, string>> = isEmpty ? { ...CAREFUL, end_exclusive: "true" } : {};
  const text = (name: string) => {
    const given = query.get(name) ?? defaults[name] ?? "";
    if (name === "receiver") return namedReceiver(given) ?? "";
    return INSTANTS.has(name) && !Number.isFinite(Date.parse(given)) ? "" : given;
  };
  const options = MORE_OPTIONS.flatMap(({ name }) => (text(name) === "" ? [] : [[name, text(name)]]));
  return {
    ...(Object.fromEntries(FIELDS.map((name) => [name, text(name)])) as Omit<RunForm, "options">),
    options: Object.fromEntries(options),
  };
}

/** What the form sends. Only the first receiver has markers of the live worker, so a run to another receiver skips
 * nothing. The form keeps what the person chose, in case the person chooses the first receiver again. */
export function sentForm(form: RunForm): RunForm {
  return form.receiver === "" ? form : { ...form, live: "" };
}

/** The form as parameters of the address, for a reload and for other people. */
export function queryOf(form: RunForm): Record<string, string | null> {
  const fields = FIELDS.map((name) => [name, form[name] || null] as const);
  return Object.fromEntries([
    ...fields,
    ...MORE_OPTIONS.map(({ name }) => [name, form.options[name] || null]),
  ]);
}

/** The settings that a run from a plan takes from the form. The run takes all other settings from the plan. */
export function settingsOf(form: RunForm): Record<string, string | null> {
  const ofPlan = new Set([...OF_PLAN, ...OPTIONS.filter(({ isInPlan }) => isInPlan).map(({ name }) => name)]);
  return Object.fromEntries(Object.entries(queryOf(form)).filter(([name]) => !ofPlan.has(name)));
}

export type RunBody = Readonly<Record<string, unknown>>;

/** The body of POST /runs and POST /runs/plan. Empty fields are left out. */
export function bodyOf(form: RunForm, planHash: string | null = null): RunBody {
  const body: Record<string, unknown> = {};
  const hasPlan = form.from_plan !== "";
  for (const name of FIELDS) {
    const text = form[name].trim();
    const belongsToLive = name === "live_batch_size" || name === "live_waiting";
    if (text === "" || (hasPlan && OF_PLAN.has(name)) || (belongsToLive && form.live === "")) continue;
    body[name] = valueOf(text, name === "end_exclusive" ? "flag" : NUMBERS.has(name) ? "number" : "choice");
    if (name === "from_plan") body["plan_hash"] = planHash;
  }
  for (const { name, kind, isInPlan } of OPTIONS) {
    const text = (form.options[name] ?? "").trim();
    if (text !== "" && !(hasPlan && isInPlan)) body[name] = valueOf(text, kind);
  }
  return body;
}

/** The options of POST /windows. The window is left out, because the queue sets it. The note is left out, because the
 * queue has its own reason. The canary is left out, because after a canary a run waits for an operator. */
export function queueOptionsOf(body: RunBody): RunBody {
  const {
    start: _start,
    end: _end,
    end_exclusive: _exclusive,
    canary: _canary,
    note: _note,
    ...options
  } = body;
  return options;
}

/** The body of a dry run. A canary is left out, because a dry run sends nothing. */
export function dryRunOf(body: RunBody): RunBody {
  const { canary: _canary, ...rest } = body;
  return { ...rest, dry_run: true };
}

/** The settings of a dry run, for a run from its plan. The run takes over the lines of the plan, but not how it sends
 * them. Fields of `given` are left out. */
export function settingsOfPlan(
  { spec, note }: { spec: Readonly<Record<string, unknown>>; note: string | null },
  given: ReadonlySet<string>,
): Partial<RunForm> {
  const settable = OPTIONS.filter(({ name, isInPlan }) => !isInPlan && !given.has(name));
  const options = settable.flatMap(({ name }) => {
    const text = textOfMember(spec[name]);
    return text === "" ? [] : [[name, text]];
  });
  return {
    ...(!given.has("max_lines_per_second") && {
      max_lines_per_second: textOfMember(spec["max_lines_per_second"]),
    }),
    ...(!given.has("note") && note !== null && { note }),
    options: Object.fromEntries(options),
  };
}

/** A text that cannot be converted is sent as it is. The API then answers what it expects. */
function valueOf(text: string, kind: RunOption["kind"]): unknown {
  if (kind === "flag") return text === "true";
  if (kind === "number") return /^[\d,]+$/.test(text) ? Number(text.replaceAll(",", "")) : text;
  if (kind === "hours") return hoursOf(text);
  return text;
}

/** Reads "01:00-07:00 Asia/Shanghai mon,tue", or several such ranges separated by ";". */
function hoursOf(text: string): unknown {
  const ranges = text.split(";").map((one) => /^(\d\d:\d\d)-(\d\d:\d\d) (\S+)(?: (\S+))?$/.exec(one.trim()));
  if (ranges.includes(null)) return text;
  return ranges.map((found) => {
    const [, from, to, zone, days] = found ?? [];
    return { from, to, zone, ...(days !== undefined && { days: days.split(",") }) };
  });
}

/** A member of the request as the text of its field. "" for a value that the request may leave out. Only hours are
 * objects. */
export function textOfMember(value: unknown): string {
  if (value === null || value === undefined || value === false) return "";
  if (typeof value === "object") return hoursText(value);
  return typeof value === "string" ? value : JSON.stringify(value);
}

/** The text of the form's field for a value of `send_between`: the opposite of `hoursOf`. */
function hoursText(value: object): string {
  const ranges = [value].flat() as { from: string; to: string; zone: string; days?: string[] }[];
  return ranges
    .map(({ from, to, zone, days }) => [`${from}-${to}`, zone, ...(days ? [days.join(",")] : [])].join(" "))
    .join("; ");
}
