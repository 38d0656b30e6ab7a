// Reads a behaviour from the control API or --behaviour. Does no I/O. Refuses every unknown member. Otherwise a
// misspelt rule would have no effect, and a test could pass although nothing was tested.
import * as v from "valibot";
import type { Behaviour } from "./behaviour.ts";

/** The longest time: a day. A longer time is a mistake in the unit, and a timer cannot wait longer than 24.8
 * days. */
const MAX_MS = 86_400_000;

const Milliseconds = v.pipe(v.number(), v.finite(), v.minValue(0), v.maxValue(MAX_MS));
/** A header value with a line break would throw when the answer is written. */
const HeaderText = v.pipe(v.string(), v.regex(/^[\t\u0020-\u007e]*$/, "expected printable ASCII"));

const ForEveryRule = {
  times: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1))),
  probability: v.optional(v.pipe(v.number(), v.minValue(0), v.maxValue(1))),
  ray_id: v.optional(v.string()),
  accept: v.optional(v.boolean()),
};

const Rule = v.variant("do", [
  v.strictObject({
    do: v.literal("status"),
    // A 1xx status is refused, because it is no answer and Node does not send it.
    status: v.pipe(v.number(), v.integer(), v.minValue(200), v.maxValue(999)),
    body: v.optional(v.union([v.string(), v.pipe(v.array(v.string()), v.minLength(1))])),
    content_type: v.optional(HeaderText),
    content_encoding: v.optional(HeaderText),
    ends: v.optional(v.picklist(["cut", "never"])),
    retry_after: v.optional(HeaderText),
    location: v.optional(HeaderText),
    ...ForEveryRule,
  }),
  v.strictObject({ do: v.literal("hang"), ...ForEveryRule }),
  v.strictObject({
    do: v.literal("reset"),
    when: v.picklist(["before_body", "after_body"]),
    ...ForEveryRule,
  }),
  v.strictObject({
    do: v.literal("slow_read"),
    bytes_per_second: v.pipe(v.number(), v.finite(), v.gtValue(0)),
    ...ForEveryRule,
  }),
]);

const Latency = v.union([
  Milliseconds,
  v.pipe(
    v.strictTuple([Milliseconds, Milliseconds]),
    v.check(([min, max]) => min <= max, "expected [min, max] with min ≤ max"),
  ),
]);

const Members = { latency_ms: v.optional(Latency), rules: v.optional(v.array(Rule)) };
const BehaviourSchema = v.strictObject(Members);
const ControlSchema = v.strictObject({ ...Members, refuse_ms: v.optional(Milliseconds) });

export interface Control {
  behaviour: Behaviour;
  refuseMs: number | null;
}

/** An error whose message contains the member and what was expected. */
export class BehaviourError extends Error {}

/** Checks the value and returns it as a behaviour. @throws BehaviourError when a member is wrong. */
export function readBehaviour(value: unknown): Behaviour {
  return checked(BehaviourSchema, value) as Behaviour;
}

/** Checks the body of a control request. @throws BehaviourError when a member is wrong. */
export function readControl(value: unknown): Control {
  const { refuse_ms: refuseMs = null, ...behaviour } = checked(ControlSchema, value);
  return { behaviour: behaviour as Behaviour, refuseMs };
}

function checked<S extends v.GenericSchema>(schema: S, value: unknown): v.InferOutput<S> {
  // An array is refused here, because the schema takes it for an object without members.
  if (Array.isArray(value)) throw new BehaviourError("the behaviour: expected an object, not an array");
  const parsed = v.safeParse(schema, value, { abortEarly: true });
  if (parsed.success) return parsed.output;
  const [issue] = parsed.issues;
  throw new BehaviourError(`${v.getDotPath(issue) ?? "the behaviour"}: ${issue.message}`);
}
