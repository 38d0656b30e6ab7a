// The form of a new run as texts, the address that keeps them, and the request that they make. Pure.
import { MORE_OPTIONS, type OptionName, type RunOption } from "./run-options.ts";

/** Texts as typed. Instants are of UTC, and empty while the typed text is none. Flags are "true" or "". */
export interface RunForm {
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
  /** The id of the dry run that is replayed. "": a window is replayed. */
  from_plan: string;
  options: Readonly<Partial<Record<OptionName, string>>>;
}

/** Members without a table row. The order is that of the request. */
const FIELDS = [
  "from_plan", "start", "end", "end_exclusive", "max_lines_per_second", "canary", "live", "live_batch_size",
  "live_waiting", "note",
] as const; // prettier-ignore
/** A plan decides about these. */
const OF_PLAN: ReadonlySet<string> = new Set(["start", "end", "end_exclusive", "live", "live_batch_size", "live_waiting"]); // prettier-ignore
const NUMBERS: ReadonlySet<string> = new Set(["max_lines_per_second", "canary", "live_batch_size"]);

export const OPTIONS: readonly RunOption[] = MORE_OPTIONS;

export function formOf(query: URLSearchParams): RunForm {
  const text = (name: string) => query.get(name) ?? "";
  const options = MORE_OPTIONS.flatMap(({ name }) => (query.has(name) ? [[name, text(name)]] : []));
  return {
    ...(Object.fromEntries(FIELDS.map((name) => [name, text(name)])) as Omit<RunForm, "options">),
    // Windows that meet must not share an instant. A person may still choose to include the end.
    end_exclusive: query.has("start") || query.has("end") ? text("end_exclusive") : "true",
    options: Object.fromEntries(options),
  };
}

/** For the address: it survives a reload, and shows another person the same form. */
export function queryOf(form: RunForm): Record<string, string | null> {
  const fields = FIELDS.map((name) => [name, form[name] || null] as const);
  return Object.fromEntries([
    ...fields,
    ...MORE_OPTIONS.map(({ name }) => [name, form.options[name] || null]),
  ]);
}

export type RunBody = Readonly<Record<string, unknown>>;

/** The members of POST /runs and of POST /runs/plan. What is left empty is left out. */
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

/** The options of POST /windows. The queue sets the window, and its runs wait for no operator. */
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

/** A dry run sends nothing, so it has no canary. */
export function dryRunOf(body: RunBody): RunBody {
  const { canary: _canary, ...rest } = body;
  return { ...rest, dry_run: true };
}

/** A text that does not fit stays a text: the API says what it expects. */
function valueOf(text: string, kind: RunOption["kind"]): unknown {
  if (kind === "flag") return text === "true";
  if (kind === "number") return /^[\d,]+$/.test(text) ? Number(text.replaceAll(",", "")) : text;
  if (kind === "hours") return hoursOf(text);
  return text;
}

/** "01:00-07:00 Asia/Shanghai mon,tue", or several of them with ";" between. */
function hoursOf(text: string): unknown {
  const ranges = text.split(";").map((one) => /^(\d\d:\d\d)-(\d\d:\d\d) (\S+)(?: (\S+))?$/.exec(one.trim()));
  if (ranges.includes(null)) return text;
  return ranges.map((found) => {
    const [, from, to, zone, days] = found ?? [];
    return { from, to, zone, ...(days !== undefined && { days: days.split(",") }) };
  });
}
