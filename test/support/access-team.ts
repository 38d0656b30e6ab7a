// A Cloudflare Access team for one test: its domain, its keys, and its signed assertions. The test serves the key
// set, by a spy on fetch or by a local server. Nothing leaves this machine.
import { exportJWK, generateKeyPair, SignJWT, type JSONWebKeySet, type JWTPayload } from "jose";
import { vi } from "vitest";
import type { Ask } from "./api-under-test.ts";

export const AUD = "0123456789abcdef".repeat(4);
const HEADER = "Cf-Access-Jwt-Assertion";

type Keys = Awaited<ReturnType<typeof generateKeyPair>>;

export interface Wording {
  payload?: JWTPayload;
  issuer?: string;
  audience?: string | string[];
  /** When the assertion expires, in seconds from now. Null: the claim is absent. */
  expiresIn?: number | null;
  notBefore?: number;
  /** Other keys that sign the assertion under the same key id. Absent: the team's keys sign. */
  keys?: Keys;
  kid?: string;
}

export class AccessTeam {
  /** The isolate caches key sets by team. So each test needs a new team. */
  readonly domain: string;
  readonly vars: { ACCESS_TEAM_DOMAIN: string; ACCESS_AUD: string };
  /** The URLs that were fetched while `answers` was set. */
  fetched: string[] = [];
  readonly #keys: Keys;

  constructor(keys: Keys, domain = `https://team-${crypto.randomUUID()}.cloudflareaccess.com`) {
    this.#keys = keys;
    this.domain = domain;
    this.vars = { ACCESS_TEAM_DOMAIN: domain, ACCESS_AUD: AUD };
  }

  /** The key set as Access serves it below /cdn-cgi/access/certs. */
  async keySet(): Promise<JSONWebKeySet> {
    const jwk = await exportJWK(this.#keys.publicKey);
    return { keys: [{ ...jwk, kid: "team-key", alg: "RS256", use: "sig" }] };
  }

  /** Sets the next answers of the certs URL. Without an argument it serves the key set. */
  async answers(answer?: () => Response | Promise<Response>): Promise<void> {
    const keySet = await this.keySet();
    vi.spyOn(globalThis, "fetch").mockImplementation(async (input) => {
      this.fetched.push(input instanceof Request ? input.url : String(input));
      return answer ? answer() : Response.json(keySet);
    });
  }

  async assertion(wording: Wording = {}): Promise<string> {
    const { payload = { email: "li.wei@example.com" }, issuer = this.domain, audience = [AUD] } = wording;
    const { expiresIn = 3_600, notBefore = 0, keys = this.#keys, kid = "team-key" } = wording;
    const now = Math.floor(Date.now() / 1_000);
    const token = new SignJWT({ type: "app", ...payload })
      .setProtectedHeader({ alg: "RS256", kid, typ: "JWT" })
      .setIssuer(issuer)
      .setAudience(audience)
      .setIssuedAt(now)
      .setNotBefore(now + notBefore);
    if (expiresIn !== null) token.setExpirationTime(now + expiresIn);
    return token.sign(keys.privateKey);
  }

  /** Makes a request that came through Access to a Worker that is configured for this team. */
  async through(wording: Wording = {}): Promise<Ask> {
    return this.with(await this.assertion(wording));
  }

  with(assertion: string): Ask {
    return { env: this.vars, headers: { [HEADER]: assertion } };
  }
}

export function freshKeys(): Promise<Keys> {
  return generateKeyPair("RS256", { extractable: true });
}

let shared: Promise<Keys> | undefined;

/** One pair of keys for all teams of a test file. An RSA pair takes about 0.1 s of processor time to make. The teams
 * differ in their domains. */
export function sharedKeys(): Promise<Keys> {
  shared ??= freshKeys();
  return shared;
}
