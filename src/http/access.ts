// Whom Cloudflare Access vouches for: the assertion that it adds to a request it lets through, verified with the team's
// keys. The only place of the HTTP side that reaches the network. Never a claim that is believed unverified, and never the
// assertion itself in an answer or a log: whoever has it could show it again.
import {
  createRemoteJWKSet,
  customFetch,
  errors,
  jwtVerify,
  type JWTPayload,
  type JWTVerifyGetKey,
} from "jose";
import type { Access } from "../platform/config.ts";

export const ASSERTION_HEADER = "Cf-Access-Jwt-Assertion";

export type AccessAnswer =
  | { ok: true; actor: string }
  | { ok: false; code: "assertion_refused"; detail: string }
  /** The team's keys are not to be had, so that nothing is known of the assertion. */
  | { ok: false; code: "access_unreachable"; error: unknown };

/** Neither is a name that a caller can give itself: those are `unverified:`. */
const PERSON = "access:";
const SERVICE = "access-service:";

/** What Access signs with. Named here, because the assertion's own word for it is not yet believed. */
const ALGORITHMS = ["RS256"];
/** An operator waits meanwhile; a team that needs longer is as good as away. */
const KEYS_TIMEOUT_MS = 5_000;
/** A key that Access withdrew is believed so long at most; an assertion with another key's name has them fetched before. */
const KEYS_MAX_AGE_MS = 600_000;

/** A key has 2 KB in it; a team has two, and four while it changes them. */
const MAX_KEYS_BYTES = 262_144;

const NO_TOKEN = "it is not a token that Access signs";

/** Of an e-mail address. */
const MAX_NAME = 254;

/** By team domain, as long as the isolate lives: a fetch for each request would make every change wait for Access. */
const keySets = new Map<string, JWTVerifyGetKey>();

export async function verifyAssertion(assertion: string, access: Access, now: number): Promise<AccessAnswer> {
  let isUnreachable = false;
  const keys = keysOf(access.teamDomain);
  try {
    const { payload } = await jwtVerify(
      assertion,
      async (header, token) => {
        try {
          return await keys(header, token);
        } catch (error) {
          isUnreachable = !isAboutAssertion(error);
          throw error;
        }
      },
      {
        issuer: access.teamDomain,
        audience: access.audience,
        algorithms: ALGORITHMS,
        requiredClaims: ["exp"],
        currentDate: new Date(now),
      },
    );
    const actor = actorIn(payload);
    return actor === null ? refused("it names nobody") : { ok: true, actor };
  } catch (error) {
    if (isUnreachable) return { ok: false, code: "access_unreachable", error };
    // Whatever else the verification stumbles over stands in the assertion, which anybody can write.
    return refused(error instanceof errors.JOSEError ? reasonOf(error) : NO_TOKEN);
  }
}

function keysOf(teamDomain: string): JWTVerifyGetKey {
  const known = keySets.get(teamDomain);
  if (known) return known;
  const keys = createRemoteJWKSet(new URL(`${teamDomain}/cdn-cgi/access/certs`), {
    [customFetch]: fetchKeys,
    timeoutDuration: KEYS_TIMEOUT_MS,
    cacheMaxAge: KEYS_MAX_AGE_MS,
  });
  keySets.set(teamDomain, keys);
  return keys;
}

/** The keys were there, and none is the assertion's. */
function isAboutAssertion(error: unknown): boolean {
  return error instanceof errors.JWKSNoMatchingKey || error instanceof errors.JWKSMultipleMatchingKeys;
}

/** A person by e-mail, a service token by its name; a text that could forge what stands around it is neither. */
function actorIn({ email, common_name: service }: JWTPayload): string | null {
  const [prefix, name] = email ? [PERSON, email] : [SERVICE, service];
  return isPrintable(name, MAX_NAME) ? prefix + name : null;
}

/** Without control, format and unassigned characters, or separators of lines: they could forge what stands around it. */
export function isPrintable(name: unknown, maxCharacters: number): name is string {
  if (typeof name !== "string" || name.trim() === "" || name.length > maxCharacters) return false;
  return /^[^\p{C}\p{Zl}\p{Zp}]*$/u.test(name);
}

function refused(detail: string): AccessAnswer {
  return { ok: false, code: "assertion_refused", detail };
}

/** In words of our own: jose's may quote a claim. */
function reasonOf(error: errors.JOSEError): string {
  if (error instanceof errors.JWTExpired) return "it has expired; sign in to Access again";
  if (error instanceof errors.JWTClaimValidationFailed) {
    switch (error.claim) {
      case "aud":
        return "it is for another application than ACCESS_AUD";
      case "iss":
        return "it is from another team than ACCESS_TEAM_DOMAIN";
      case "nbf":
        return "it is not valid yet";
      default:
        return "its exp is missing, or a time in it is none";
    }
  }
  if (error instanceof errors.JWSSignatureVerificationFailed || isAboutAssertion(error)) {
    return "it is not signed by this team";
  }
  return NO_TOKEN;
}

/** A team's keys, read up to `MAX_KEYS_BYTES`: who answers in its place must not fill the memory. */
async function fetchKeys(url: string, init: RequestInit): Promise<Response> {
  const response = await fetch(url, init);
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of response.body ?? []) {
    length += chunk.length;
    if (length > MAX_KEYS_BYTES) throw new Error(`the keys have more than ${MAX_KEYS_BYTES} bytes`);
    chunks.push(chunk);
  }
  return new Response(new Blob(chunks), { status: response.status, headers: response.headers });
}
