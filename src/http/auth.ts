// Who may use the API: whoever shows API_TOKEN as a bearer token.
// Never a comparison whose time depends on the token: digests are compared, in constant time.
import type { Refusal } from "./problems.ts";

/** Null: go on. Without a configured token nobody may. */
export async function refuseStranger(
  header: string | null,
  apiToken: string | null,
): Promise<Refusal | null> {
  if (apiToken === null) return { code: "api_token_not_configured" };
  const given = /^Bearer +(\S+) *$/i.exec(header ?? "")?.[1];
  if (given === undefined) return { code: "unauthorized", given: false };
  return (await sameText(given, apiToken)) ? null : { code: "unauthorized", given: true };
}

/** Digests have one length whatever the texts have, and timingSafeEqual wants equal lengths. */
async function sameText(one: string, other: string): Promise<boolean> {
  const [a, b] = await Promise.all([sha256(one), sha256(other)]);
  return crypto.subtle.timingSafeEqual(a, b);
}

function sha256(text: string): Promise<ArrayBuffer> {
  return crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
}
