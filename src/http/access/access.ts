// Verifies the Cloudflare Access assertion of a request with the team's keys and returns the caller's name.
// Believes no claim before verification. Never writes the assertion to an answer or a log, because a reader could
// present the assertion again.
import {
  createRemoteJWKSet,
  customFetch,
  errors,
  jwtVerify,
  type JWTPayload,
  type JWTVerifyGetKey,
} from "jose";
import type { Access } from "../../platform/config.ts";
import type { Identity } from "./access-role.ts";

export const ASSERTION_HEADER = "Cf-Access-Jwt-Assertion";

export type AccessAnswer =
  | { ok: true; actor: string; identity: Identity }
  | { ok: false; code: "assertion_refused"; detail: string }
  /** The team's keys cannot be fetched, so the assertion can be neither accepted nor refused. */
  | { ok: false; code: "access_unreachable"; error: unknown };

/** Two prefixes of verified names. A caller cannot choose a name with such a prefix, because a name from a caller
 * gets the prefix `unverified:`. */
const PREFIXES = { person: "access:", service: "access-service:" };

/** The algorithm that Access signs with. It is fixed here, because the assertion's own header is not yet
 * verified. */
const ALGORITHMS = ["RS256"];
/** The longest wait for the keys of Access, during which the operator's request waits too. After this time Access
 * counts as unreachable. */
const KEYS_TIMEOUT_MS = 5_000;
/** How long a withdrawn key is still accepted. An assertion with an unknown key id fetches the keys earlier. */
const KEYS_MAX_AGE_MS = 600_000;

/** The most bytes of a team's keys. One key takes 2 KB. A team has two keys, and four during a rotation. */
const MAX_KEYS_BYTES = 262_144;

const NO_TOKEN = "it is not a token that Access signs";

/** The longest e-mail address. */
const MAX_NAME = 254;

/** The key sets by team domain, kept for the life of the isolate. Otherwise every change would wait for a fetch
 * from Access. */
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
    const identity = identityIn(payload);
    if (identity === null) return refused("it contains no usable name");
    return { ok: true, actor: PREFIXES[identity.kind] + identity.name, identity };
  } catch (error) {
    if (isUnreachable) return { ok: false, code: "access_unreachable", error };
    // Any other error comes from the assertion's content, which anyone can write.
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

/** The keys were fetched, but none of them signed the assertion. */
function isAboutAssertion(error: unknown): boolean {
  return error instanceof errors.JWKSNoMatchingKey || error instanceof errors.JWKSMultipleMatchingKeys;
}

/** A person by e-mail, a service token by name. Null for a name that could forge the text around it. */
function identityIn(payload: JWTPayload): Identity | null {
  const { email, common_name: service } = payload;
  const [kind, name] = email ? (["person", email] as const) : (["service", service] as const);
  return isPrintable(name, MAX_NAME) ? { kind, name, groups: groupsIn(payload) } : null;
}

/** Access copies the group claim of the identity provider into `custom`. */
function groupsIn({ groups, custom }: JWTPayload): string[] {
  const inCustom: unknown = typeof custom === "object" && custom !== null && "groups" in custom ? custom.groups : []; // prettier-ignore
  return [groups, inCustom].flat().filter((group) => typeof group === "string");
}

/** True without control, format and unassigned characters and line separators. These could forge the text
 * around the name. */
export function isPrintable(name: unknown, maxCharacters: number): name is string {
  if (typeof name !== "string" || name.trim() === "" || name.length > maxCharacters) return false;
  return /^[^\p{C}\p{Zl}\p{Zp}]*$/u.test(name);
}

function refused(detail: string): AccessAnswer {
  return { ok: false, code: "assertion_refused", detail };
}

/** Why jose refused the assertion. The text is our own, because jose's message may quote a claim. */
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
        return "its exp is missing, or one of its times is invalid";
    }
  }
  if (error instanceof errors.JWSSignatureVerificationFailed || isAboutAssertion(error)) {
    return "it is not signed by this team";
  }
  return NO_TOKEN;
}

/** Fetches a team's keys, at most `MAX_KEYS_BYTES`, so that a false server cannot fill the memory. */
export async function fetchKeys(url: string, init: RequestInit): Promise<Response> {
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
