// Callers of each role: tokens of API_TOKENS, and people and services whom Access verified.
import { ROLES, type Role } from "../../src/contract/roles.ts";
import { AccessTeam, sharedKeys, type Wording } from "./access-team.ts";
import type { Ask } from "./api-under-test.ts";

export const ACCESS_ROLES = JSON.stringify({
  "operator@example.com": "operator",
  "@example.com": "viewer",
  "group:scrapers": "metrics",
  "ci.access": "operator",
});

/** The claims of a caller with each role. */
export const ONE_OF: Record<Role, NonNullable<Wording["payload"]>> = {
  metrics: { email: "x@elsewhere.test", custom: { groups: ["scrapers"] } },
  viewer: { email: "wang@example.com" },
  operator: { email: "operator@example.com" },
};

export async function aTeam(): Promise<AccessTeam> {
  const team = new AccessTeam(await sharedKeys());
  await team.answers();
  return team;
}

export async function sha256(text: string): Promise<string> {
  const hash = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return [...new Uint8Array(hash)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** API_TOKENS with a token of each role. The token is the role's name behind "secret-". */
export async function tokens(): Promise<string> {
  const entries = ROLES.map(async (role) => ({ name: role, role, sha256: await sha256(`secret-${role}`) }));
  return JSON.stringify(await Promise.all(entries));
}

/** A request through Access without a token, in a deployment with ACCESS_ROLES. */
export async function through(
  team: AccessTeam,
  payload: NonNullable<Wording["payload"]>,
  headers: Record<string, string> = {},
): Promise<Ask> {
  const ask = await team.through({ payload });
  return { env: { ...ask.env, ACCESS_ROLES }, headers: { ...ask.headers, ...headers }, token: null };
}
