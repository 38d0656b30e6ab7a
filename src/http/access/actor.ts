// The actor that is recorded with every change: the name that Access verified, else the name in the X-Actor header,
// else the token's name. Does no I/O.
import { isPrintable } from "./access.ts";
import type { Caller } from "./auth.ts";
import type { FieldError } from "../problems/field-errors.ts";
import type { Refusal } from "../problems/problems.ts";

export type ActorAnswer = { ok: true; actor: string } | { ok: false; refusal: Refusal };

/** The prefix of a name that the caller gave. Anyone with the token can write any name in the header, and the
 * prefix shows this wherever the actor appears. */
const UNVERIFIED = "unverified:";
const HEADER = "X-Actor";
const MAX_NAME = 100;

export function actorOf(headers: Headers, { caller }: { caller: Caller }): ActorAnswer {
  if (caller.verified !== null) return { ok: true, actor: caller.verified };
  const named = namedActor(headers);
  if (!named.ok) return { ok: false, refusal: { code: "invalid_header", errors: [named.error] } };
  return { ok: true, actor: named.actor ?? tokenActor(caller.token) };
}

function tokenActor(token: Caller["token"]): string {
  return token === null || token === "API_TOKEN" ? "token" : `token:${token.name}`;
}

/** The name in the header X-Actor. Null: the request has no such header. */
export function namedActor(
  headers: Headers,
): { ok: true; actor: string | null } | { ok: false; error: FieldError } {
  const name = headers.get(HEADER)?.trim() ?? "";
  if (name === "") return { ok: true, actor: null };
  if (!isPrintable(name, MAX_NAME)) {
    const detail = `expected at most ${MAX_NAME} printable characters`;
    return { ok: false, error: { header: HEADER, detail } };
  }
  return { ok: true, actor: `${UNVERIFIED}${name}` };
}
