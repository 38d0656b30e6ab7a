// Finds out who the caller is: by a Bearer token, or else by an Access assertion that ACCESS_ROLES maps to a role.
// An invalid credential is refused, even if the request also has a valid one. No log and no answer contains a
// credential.
import { Buffer } from "node:buffer";
import type { Role } from "../../contract/roles.ts";
import { isOpen, type Credentials } from "../../platform/credentials.ts";
import type { Log } from "../../platform/log.ts";
import { ASSERTION_HEADER, verifyAssertion } from "./access.ts";
import type { AccessRefusal } from "../problems/access-problems.ts";
import { roleOf } from "./access-role.ts";
import { FailedAttempts } from "./failed-attempts.ts";

export interface Caller {
  /** Null: Access verified the caller, but no entry of ACCESS_ROLES fits. */
  role: Role | null;
  /** The token that gave the role. Null: Access gave it. */
  token: { name: string } | "API_TOKEN" | null;
  /** The actor that Access verified. */
  verified: string | null;
}

export type CallerAnswer = { ok: true; caller: Caller } | { ok: false; refusal: AccessRefusal };

interface Asking {
  credentials: Credentials;
  /** Whether the actor of the request is recorded or shown. In this case the assertion is verified even if it gives
   * no role. */
  namesActor: boolean;
  now: number;
  log: Log;
}

type Token = Pick<Caller, "role" | "token">;

const failures = new FailedAttempts();
const SAFE_METHODS = new Set(["GET", "HEAD"]);

export async function authenticate(request: Request, asking: Asking): Promise<CallerAnswer> {
  const { credentials, namesActor, now, log } = asking;
  if (!isOpen(credentials)) return refused({ code: "api_token_not_configured" });
  const bearer = request.headers.get("Authorization");
  const assertion = request.headers.get(ASSERTION_HEADER);
  const token = bearer === null ? null : await tokenOf(bearer, credentials);
  if (bearer !== null && token === null)
    return failed({ code: "unauthorized", given: true }, request, asking);

  const { access, accessRoles } = credentials;
  if (access === null || assertion === null || (accessRoles === null && (token === null || !namesActor)))
    return token === null
      ? refused({ code: "unauthorized", given: false })
      : { ok: true, caller: { ...token, verified: null } };
  const verified = await verifyAssertion(assertion, access, now);
  if (!verified.ok && verified.code === "access_unreachable") {
    log("error", "http.access_unreachable", { error: verified.error });
    return refused({ code: "access_unreachable" });
  }
  if (!verified.ok) {
    const { code, detail } = verified;
    return failed({ code, header: ASSERTION_HEADER, detail }, request, asking);
  }
  const { actor, identity } = verified;
  if (token !== null) return { ok: true, caller: { ...token, verified: actor } };
  // Browsers send the session of Access with every request. A Bearer token is sent by its holder only.
  if (isCrossSite(request)) return refused({ code: "cross_site" });
  const role = accessRoles === null ? null : roleOf(identity, accessRoles);
  return { ok: true, caller: { role, token: null, verified: actor } };
}

/** Whether another site's page may have caused the change. Browsers send at least one of the two headers. */
function isCrossSite({ method, url, headers }: Request): boolean {
  if (SAFE_METHODS.has(method)) return false;
  const site = headers.get("Sec-Fetch-Site");
  if (site !== null) return site !== "same-origin";
  const origin = headers.get("Origin");
  return origin !== null && origin !== new URL(url).origin;
}

/** Finds the token in an Authorization header. Null: it has no token of this deployment. */
async function tokenOf(header: string, credentials: Credentials): Promise<Token | null> {
  const given = /^Bearer +(\S+) *$/i.exec(header)?.[1];
  if (given === undefined) return null;
  const hash = await sha256(given);
  let known = hashed.get(credentials);
  if (!known) {
    known = await hashesOf(credentials);
    hashed.set(credentials, known);
  }
  let found: Token | null = null;
  // Compares with every token, in constant time. All hashes have the same length, as timingSafeEqual requires.
  for (const [expected, token] of known) {
    if (crypto.subtle.timingSafeEqual(hash, expected)) found ??= token;
  }
  return found;
}

/** The hashes of the deployment's tokens, by the credentials that were read. Each hash is computed once. */
const hashed = new WeakMap<Credentials, TokenHash[]>();
type TokenHash = [hash: ArrayBufferView | ArrayBuffer, token: Token];

async function hashesOf({ apiToken, tokens }: Credentials): Promise<TokenHash[]> {
  const known: TokenHash[] = tokens.map(({ name, role, sha256: hex }) => [
    Buffer.from(hex, "hex"),
    { role, token: { name } },
  ]);
  if (apiToken !== null) known.unshift([await sha256(apiToken), { role: "operator", token: "API_TOKEN" }]);
  return known;
}

function sha256(text: string): Promise<ArrayBuffer> {
  return crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
}

/** A wrong credential: counted, logged, and answered with 429 above the limit. */
function failed(refusal: AccessRefusal, { headers }: Request, { now, log }: Asking): CallerAnswer {
  const address = headers.get("CF-Connecting-IP") ?? "unknown";
  const waitMs = failures.add(address, now);
  // Attempts above the limit are not logged. A log event for each of them could fill the log.
  if (waitMs !== null)
    return refused({ code: "too_many_attempts", retryAfterSeconds: Math.ceil(waitMs / 1_000) });
  log("warn", "http.authentication_failed", { code: refusal.code, address: address.slice(0, 45) });
  return refused(refusal);
}

function refused(refusal: AccessRefusal): CallerAnswer {
  return { ok: false, refusal };
}
