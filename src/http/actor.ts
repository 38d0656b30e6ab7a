// The actor that is recorded with every change: the name that Access verified, else the name in the X-Actor
// header, else "token". Used only for changes. A request that only reads needs only the token.
import { ASSERTION_HEADER, isPrintable, verifyAssertion } from "./access.ts";
import type { Context } from "./context.ts";
import type { FieldError } from "./field-errors.ts";
import type { Refusal } from "./problems.ts";

export type ActorAnswer = { ok: true; actor: string } | { ok: false; refusal: Refusal };

/** Anyone with the token can write any name in the header. The prefix shows this wherever the actor appears. */
const UNVERIFIED = "unverified:";
const HEADER = "X-Actor";
const MAX_NAME = 100;

/** Verifies or refuses an assertion, and never ignores one. Otherwise the change of a known person would be
 * recorded under a false name. */
export async function actorOf(
  headers: Headers,
  { config, now, log }: Pick<Context, "config" | "now" | "log">,
): Promise<ActorAnswer> {
  const assertion = headers.get(ASSERTION_HEADER);
  if (config.access === null || assertion === null) {
    const named = namedActor(headers);
    return named.ok ? named : { ok: false, refusal: { code: "invalid_header", errors: [named.error] } };
  }
  const verified = await verifyAssertion(assertion, config.access, now);
  if (verified.ok) return verified;
  switch (verified.code) {
    case "assertion_refused":
      return {
        ok: false,
        refusal: { code: verified.code, header: ASSERTION_HEADER, detail: verified.detail },
      };
    case "access_unreachable":
      log("error", "http.access_unreachable", { error: verified.error });
      return { ok: false, refusal: { code: verified.code } };
  }
}

/** Without Access: the name in the header, if present. */
export function namedActor(headers: Headers): { ok: true; actor: string } | { ok: false; error: FieldError } {
  const name = headers.get(HEADER)?.trim() ?? "";
  if (name === "") return { ok: true, actor: "token" };
  if (!isPrintable(name, MAX_NAME)) {
    const detail = `expected at most ${MAX_NAME} printable characters`;
    return { ok: false, error: { header: HEADER, detail } };
  }
  return { ok: true, actor: `${UNVERIFIED}${name}` };
}
