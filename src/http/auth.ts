// Decides who may use the API: the callers that send API_TOKEN as a bearer token. The time of the comparison
// does not depend on the token, because digests are compared in constant time.
import type { Refusal } from "./problems.ts";

/** Null: the caller may go on. Without a configured token every caller is refused. */
export async function refuseStranger(
  header: string | null,
  apiToken: string | null,
): Promise<Refusal | null> {
  if (apiToken === null) return { code: "api_token_not_configured" };
  const given = /^Bearer +(\S+) *$/i.exec(header ?? "")?.[1];
  if (given === undefined) return { code: "unauthorized", given: false };
  return (await sameText(given, apiToken)) ? null : { code: "unauthorized", given: true };
}

/** All digests have the same length, as timingSafeEqual requires. */
async function sameText(one: string, other: string): Promise<boolean> {
  const [a, b] = await Promise.all([sha256(one), sha256(other)]);
  return crypto.subtle.timingSafeEqual(a, b);
}

function sha256(text: string): Promise<ArrayBuffer> {
  return crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
}
