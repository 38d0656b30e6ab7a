// The refusals that do not depend on a route: an unknown caller, a role that is too low, a request that is too
// large.
import type { Role } from "../../contract/roles.ts";
import type { Problem } from "./problem.ts";

export type AccessRefusal =
  | { code: "api_token_not_configured" }
  | { code: "unauthorized"; given: boolean }
  | { code: "assertion_refused"; header: string; detail: string }
  | { code: "access_unreachable" }
  | { code: "too_many_attempts"; retryAfterSeconds: number }
  | { code: "not_allowed"; needed: Role; role: Role | null }
  | { code: "cross_site" }
  | { code: "url_too_long"; detail: string }
  | { code: "headers_too_large"; header: string | null; detail: string };

/** The Retry-After while Access does not answer, in seconds. An outage of Access is usually brief. */
const ACCESS_RETRY_AFTER = "5";
const CHALLENGE = 'Bearer realm="backfill"';

export function accessProblem(refusal: AccessRefusal): Problem {
  switch (refusal.code) {
    case "api_token_not_configured":
      return {
        status: 403,
        title: "The API is closed",
        detail: "API_TOKEN is not set, and neither API_TOKENS nor ACCESS_ROLES lets anyone in",
      };
    case "unauthorized":
      return {
        status: 401,
        title: "A valid token is needed",
        detail: refusal.given ? "the token is wrong" : "send the header Authorization: Bearer <token>",
        headers: {
          "WWW-Authenticate": `${CHALLENGE}${refusal.given ? ', error="invalid_token"' : ""}`,
        },
      };
    case "assertion_refused": {
      const { header, detail } = refusal;
      return {
        status: 401,
        title: "The Access assertion is refused",
        detail: `${header}: ${detail}`,
        more: { errors: [{ header, detail }] },
        headers: { "WWW-Authenticate": CHALLENGE },
      };
    }
    case "access_unreachable":
      return {
        status: 503,
        title: "The caller cannot be verified now",
        detail: "the keys of ACCESS_TEAM_DOMAIN cannot be fetched; nothing has changed",
        headers: { "Retry-After": ACCESS_RETRY_AFTER },
      };
    case "too_many_attempts": {
      const seconds = refusal.retryAfterSeconds;
      return {
        status: 429,
        title: "Too many failed authentications",
        detail: `the credential is wrong, and so were many before it; try again in ${seconds} s`,
        more: { retry_after_seconds: seconds },
        headers: { "Retry-After": String(seconds) },
      };
    }
    case "not_allowed": {
      const { needed, role } = refusal;
      const held = role === null ? "the caller has no role" : `the caller's role is ${role}`;
      return {
        status: 403,
        title: "Not allowed",
        detail: `this needs the role ${needed}; ${held}`,
        more: { needed_role: needed, role },
      };
    }
    case "cross_site":
      return {
        status: 403,
        title: "The request comes from another site",
        detail: "a change with an Access session is accepted from this API's own origin only",
      };
    case "url_too_long":
      return { status: 414, title: "The URL is too long", detail: refusal.detail };
    case "headers_too_large": {
      const { header, detail } = refusal;
      const more = header === null ? {} : { errors: [{ header, detail }] };
      return { status: 431, title: "The headers are too large", detail, more };
    }
  }
}
