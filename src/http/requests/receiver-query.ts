// The parameter ?receiver= of routes that show or change something of one receiver.
import { FIRST_RECEIVER, isReceiverName, shownReceiver } from "../../contract/receivers.ts";
import type { Context } from "../context.ts";
import type { FieldError } from "../problems/field-errors.ts";
import { badParameters } from "./list-query.ts";
import type { Refusal } from "../problems/problems.ts";
import { allRegistries, forReceiver, isKnownReceiver, type ReceiverRegistry } from "../registries.ts";

/** The name of the parameter. */
export const RECEIVER = "receiver";

type Chosen<T> = { ok: true; chosen: T } | { ok: false; refusal: Refusal };

/** The context for the receiver of the query. Without ?receiver= it is the first receiver. */
export async function receiverContext<Base extends Context>(
  search: URLSearchParams,
  context: Base,
): Promise<Chosen<{ receiver: string | null; context: Base }>> {
  const named = await namedIn(search, context);
  if (!named.ok) return named;
  const receiver = named.chosen ?? null;
  return { ok: true, chosen: { receiver, context: forReceiver(context, receiver) } };
}

/** Like `receiverContext`, for a route without other parameters. */
export async function onlyReceiver<Base extends Context>(
  search: URLSearchParams,
  context: Base,
): Promise<Chosen<{ receiver: string | null; context: Base }>> {
  const errors = badParameters(search, [RECEIVER]);
  return errors.length > 0 ? invalid(errors) : receiverContext(search, context);
}

/** The registries of the query. Without ?receiver= they are the registries of all receivers. */
export async function registriesIn(
  search: URLSearchParams,
  context: Context,
): Promise<Chosen<ReceiverRegistry[]>> {
  const named = await namedIn(search, context);
  if (!named.ok) return named;
  const receiver = named.chosen;
  if (receiver === undefined) return { ok: true, chosen: await allRegistries(context) };
  return { ok: true, chosen: [{ receiver, registry: forReceiver(context, receiver).registry }] };
}

/** The receiver that the query names. Undefined: the query has no ?receiver=. Null: the first receiver. */
async function namedIn(
  search: URLSearchParams,
  context: Context,
): Promise<Chosen<string | null | undefined>> {
  const text = search.get(RECEIVER);
  if (text === null) return { ok: true, chosen: undefined };
  if (text === FIRST_RECEIVER) return { ok: true, chosen: null };
  if (isReceiverName(text) && (await isKnownReceiver(context, text))) return { ok: true, chosen: text };
  return invalid([{ parameter: RECEIVER, detail: await expectedReceivers(context) }]);
}

/** The text for a name that the deployment never had. */
export async function expectedReceivers(context: Context): Promise<string> {
  const known = (await allRegistries(context)).map(({ receiver }) => shownReceiver(receiver));
  return `expected one of ${known.join(", ")}`;
}

function invalid(errors: FieldError[]): { ok: false; refusal: Refusal } {
  return { ok: false, refusal: { code: "invalid_query", errors } };
}
