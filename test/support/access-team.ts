// A Cloudflare Access team of a test's own: its domain, its keys, and the assertions that it signs. Its key set is handed
// out by the test: by a spy on fetch, or by a server on this machine. Nothing leaves it.
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
  /** Relative to now, seconds; null: none. */
  expiresIn?: number | null;
  notBefore?: number;
  /** Signed by these keys instead of the team's, under the same name. */
  keys?: Keys;
  kid?: string;
}

export class AccessTeam {
  /** Its key set is kept as long as the isolate: each test needs a team that was never asked. */
  readonly domain: string;
  readonly vars: { ACCESS_TEAM_DOMAIN: string; ACCESS_AUD: string };
  /** URLs that were fetched while `answers` held. */
  fetched: string[] = [];
  readonly #keys: Keys;

  constructor(keys: Keys, domain = `https://team-${crypto.randomUUID()}.cloudflareaccess.com`) {
    this.#keys = keys;
    this.domain = domain;
    this.vars = { ACCESS_TEAM_DOMAIN: domain, ACCESS_AUD: AUD };
  }

  /** As Access hands it out below /cdn-cgi/access/certs. */
  async keySet(): Promise<JSONWebKeySet> {
    const jwk = await exportJWK(this.#keys.publicKey);
    return { keys: [{ ...jwk, kid: "team-key", alg: "RS256", use: "sig" }] };
  }

  /** What its certs URL answers from here on; its key set if nothing is given. */
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

  /** A request that came through Access, to a Worker that knows this team. */
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
