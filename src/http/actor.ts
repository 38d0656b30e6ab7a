// Who asks, as recorded with every change: a name the caller gave itself, else "token".
// The place for a verified identity: it would be tried first, and recorded without the prefix.
import type { FieldError } from "./problems.ts";

export type ActorAnswer = { ok: true; actor: string } | { ok: false; error: FieldError };

/** Anybody with the token can write any name there: the prefix says so wherever the actor is shown. */
const UNVERIFIED = "unverified:";
const HEADER = "X-Actor";

export function actorOf(headers: Headers): ActorAnswer {
  const name = headers.get(HEADER)?.trim() ?? "";
  if (name === "") return { ok: true, actor: "token" };
  // \p{C}: control, format, unassigned characters; a name with those could forge what stands around it.
  if (!/^\P{C}{1,100}$/u.test(name)) {
    return { ok: false, error: { header: HEADER, detail: "expected at most 100 printable characters" } };
  }
  return { ok: true, actor: `${UNVERIFIED}${name}` };
}
