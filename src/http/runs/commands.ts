// Turns an operator's request into a command for the run: the fields of each verb. Does no I/O. This file does not
// judge whether the run can obey a command. The run decides this itself when it applies the command.
import * as v from "valibot";
import { ACCEPTABLE_CODES, type OperatorCommand } from "../../contract/operator.ts";
import { LIMIT_NAMES, type LimitName, type RunLimits } from "../../contract/limits.ts";
import type { Config } from "../../platform/config.ts";
import { LIVE_WAITING_MODES } from "../../contract/live.ts";
import { pointerTo, type FieldError } from "../problems/field-errors.ts";
import {
  BytesPerSecond,
  DailyLines,
  Flag,
  InFlight,
  Note,
  OnUncertain,
  Rate,
  RayIds,
  RequestsPerSecond,
  linesPerSecond,
  oneOf,
} from "../requests/fields.ts";
import { snakeCase, type SnakeCase } from "../../platform/snake-case.ts";
import { SendBetween } from "../requests/send-between.ts";
import { readFields } from "../requests/read-fields.ts";

export type Verb = OperatorCommand["do"];
export type CommandAnswer = { ok: true; command: OperatorCommand } | { ok: false; errors: FieldError[] };

export interface Asked {
  json: unknown;
  actor: string;
  /** The number of the file or batch in the path. 0 when the path has none. */
  target: number;
}

/** A command without its actor and note. */
type Wish<Command = OperatorCommand> = Command extends unknown ? Omit<Command, "actor" | "note"> : never;
type Fields<Entries extends v.ObjectEntries> = v.InferOutput<v.ObjectSchema<Entries, undefined>>;
interface Reader {
  /** The fields of the body, with `note`. */
  fields: (config: Config) => v.ObjectEntries;
  read: (asked: Asked, config: Config) => CommandAnswer;
}

/** Defines one verb: its fields in addition to `note`, and the command or the error that they produce together. */
function verb<const Entries extends v.ObjectEntries>(
  entries: (config: Config) => Entries,
  wish: (fields: Fields<Entries>, target: number) => Wish | FieldError,
): Reader {
  const allEntries = (config: Config) => ({ ...entries(config), note: v.optional(Note) });
  return {
    fields: allEntries,
    read: ({ json, actor, target }, config) => {
      const read = readFields(allEntries(config), json);
      if (!read.ok) return read;
      const fields = read.fields as Fields<Entries> & { note?: string };
      const wished = wish(fields, target);
      if ("detail" in wished) return { ok: false, errors: [wished] };
      // A note of spaces counts as no note.
      return { ok: true, command: { ...wished, actor, note: fields.note?.trim() || null } };
    },
  };
}

const noFields = () => ({});
/** Fields of the verbs that may need the receiver's slot again. */
const slotFields = () => ({ replay: v.optional(Flag, false) });

/** A list of problem codes. A code that occurs twice counts once. */
const Codes = v.pipe(
  v.array(oneOf(...ACCEPTABLE_CODES), "expected a list of codes"),
  v.minLength(1, "expected at least one code"),
  v.transform((codes) => [...new Set(codes)]),
);

const AnswerWord = oneOf("success", "refused", "resend");
/** The most decisions of one request. A run distinguishes fewer kinds of answers. */
const MAX_WORDS = 50;
/** Either one decision for all waiting kinds of answers, or a decision for each kind. `answers.kinds` of the
 * status shows the id of each kind. */
const Answers = v.union(
  [
    AnswerWord,
    v.pipe(
      v.record(v.pipe(v.string(), v.maxLength(20)), AnswerWord),
      v.check((words) => Object.keys(words).length > 0 && Object.keys(words).length <= MAX_WORDS),
    ),
  ],
  'expected "success", "refused", "resend", or an object with one of them for each kind of answer',
);

const READERS: Record<Verb, Reader> = {
  accept_codes: verb(
    () => ({ codes: Codes }),
    ({ codes }) => ({ do: "accept_codes", codes }),
  ),
  take_late: verb(slotFields, ({ replay }) => ({ do: "take_late", replay })),
  retry_file: verb(
    () => ({
      allow_duplicates: v.optional(Flag, false),
      top_level_parent_ray_ids: v.optional(RayIds),
      on_corrupt: v.optional(oneOf("fail", "salvage")),
      live_waiting: v.optional(oneOf(...LIVE_WAITING_MODES)),
      ...slotFields(),
    }),
    (fields, file) => ({
      do: "retry_file",
      file,
      allowDuplicates: fields.allow_duplicates,
      ...(fields.top_level_parent_ray_ids && { topLevelParentRayIds: fields.top_level_parent_ray_ids }),
      ...(fields.on_corrupt && { onCorrupt: fields.on_corrupt }),
      ...(fields.live_waiting && { liveWaiting: fields.live_waiting }),
      replay: fields.replay,
    }),
  ),
  accept_file: verb(
    () => ({ send: v.optional(Flag), ...slotFields() }),
    ({ send, replay }, file) => ({
      do: "accept_file",
      file,
      ...(send !== undefined && { send }),
      ...(replay && { replay }),
    }),
  ),
  retry_all: verb(slotFields, ({ replay }) => ({ do: "retry_all", replay })),
  retry_batch: verb(slotFields, ({ replay }, batch) => ({ do: "retry_batch", batch, replay })),
  resolve_batch: verb(
    () => ({ outcome: oneOf("delivered", "resend", "discard"), ...slotFields() }),
    ({ outcome, replay }, batch) => {
      if (replay && outcome !== "resend") {
        return { pointer: "#/replay", detail: 'applies only to the outcome "resend"' };
      }
      return { do: "resolve_batch", batch, outcome, replay };
    },
  ),
  pause: verb(
    () => ({ park: v.optional(Flag, false) }),
    ({ park }) => ({ do: "pause", park }),
  ),
  resume: verb(
    () => ({
      accept_receiver: v.optional(Flag, false),
      answers: v.optional(Answers),
    }),
    (fields) => ({ do: "resume", acceptReceiver: fields.accept_receiver, answers: fields.answers ?? null }),
  ),
  patch: verb(
    (config) => ({
      max_lines_per_second: v.optional(linesPerSecond(config.maxLinesPerSecond)),
      max_requests_per_second: v.optional(v.nullable(RequestsPerSecond)),
      max_bytes_per_second: v.optional(v.nullable(BytesPerSecond)),
      max_in_flight: v.optional(InFlight),
      rate: v.optional(Rate),
      polite: v.optional(Flag),
      on_uncertain: v.optional(OnUncertain),
      send_between: v.optional(v.nullable(SendBetween)),
      daily_lines: v.optional(v.nullable(DailyLines)),
    }),
    (fields) => {
      const given = LIMIT_NAMES.map((name) => [name, fields[limitField(name)]] as const);
      const limits = Object.fromEntries(
        given.filter(([, value]) => value !== undefined),
      ) as Partial<RunLimits>;
      if (Object.keys(limits).length > 0) return { do: "patch", limits };
      const expected = LIMIT_NAMES.map(limitField).join(", ");
      return { pointer: "#", detail: `expected at least one of ${expected}` };
    },
  ),
  verify: verb(noFields, () => ({ do: "verify" })),
};

/** The PATCH field of a limit. */
function limitField<Name extends LimitName>(name: Name): SnakeCase<Name> {
  return snakeCase(name) as SnakeCase<Name>;
}

/** The place in the body of the limit that the run refused. */
export function limitPointer(limit: LimitName): string {
  return pointerTo([limitField(limit)]);
}

export function readCommand(which: Verb, asked: Asked, config: Config): CommandAnswer {
  return READERS[which].read(asked, config);
}

/** The fields of the body of a verb, with `note`. */
export function commandFields(which: Verb, config: Config): v.ObjectEntries {
  return READERS[which].fields(config);
}

/** Whether the run only begins the work of the command before it answers. The answer is then 202, else 200. */
export function takesTime(command: OperatorCommand): boolean {
  switch (command.do) {
    case "take_late":
    case "retry_file":
    case "retry_all":
    case "retry_batch":
    case "pause":
    case "resume":
    case "verify":
      return true;
    case "resolve_batch":
      return command.outcome === "resend";
    case "accept_file":
      return command.send === true;
    case "accept_codes":
    case "patch":
      return false;
  }
}
