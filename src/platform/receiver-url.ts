// Where a batch goes: endpoint and URI as configured → as they are sent. The URI is signed, so what the receiver sees
// must be what was signed: whatever a URL parser would change in it is refused, and so is what it would not send.
// Pure. White space around either is cut off: secrets are often pasted with a line feed.

/** A URI that is sent exactly as it stands. */
const URI = /^\/[A-Za-z0-9\-._~!$&'()*+,;=:@/%?[\]|{}]*$/;
const ENDPOINT = /^https?:\/\/[^/?#\\\s@]+\/?$/i;

export const EXPECTED_ENDPOINT = "expected an http:// or https:// URL of scheme and host alone";
export const EXPECTED_URI =
  "expected a path that starts with / and that a URL parser leaves as it is (no #, spaces, dot segments, or characters to encode)";

/** Scheme and host without a trailing slash, in the spelling of a URL parser; null for anything else. */
export function endpointOf(text: string): string | null {
  const trimmed = text.trim();
  if (!ENDPOINT.test(trimmed) || !URL.canParse(trimmed)) return null;
  const { origin, protocol } = new URL(trimmed);
  // case and the default port are spellings; a host of other characters is another host to the eye
  const spelled = trimmed.toLowerCase().replace(/\/$/, "");
  const withoutPort = spelled.replace(protocol === "https:" ? /:443$/ : /:80$/, "");
  return withoutPort === origin ? origin : null;
}

/** Path, and query where there is one; null when what is sent would not be what is signed. */
export function uriOf(text: string): string | null {
  const trimmed = text.trim();
  const base = "http://receiver.invalid";
  if (!URI.test(trimmed) || !URL.canParse(base + trimmed)) return null;
  const { origin, pathname, search, searchParams } = new URL(base + trimmed);
  const isAsItStands = origin === base && pathname + search === trimmed;
  return isAsItStands && !searchParams.has("auth_key") ? trimmed : null;
}

/** A key whose line feed was pasted along. */
export function keyOf(text: string): string {
  return text.replace(/[\r\n]+$/, "");
}

/**
 * The same receiver in the spellings under which a run may know it: as it is sent, as it is configured, and as versions
 * before this rule would have taken either.
 */
export function spellingsOf(configured: {
  endpoint: string;
  uri: string;
}): [endpoint: string, uri: string][] {
  const endpoint = endpointOf(configured.endpoint) ?? configured.endpoint;
  const uri = uriOf(configured.uri) ?? configured.uri;
  const endpoints = [endpoint, `${endpoint}/`, configured.endpoint, configured.endpoint.trim()];
  const pairs = endpoints.map((one): [string, string] => [one, uri]);
  // a line feed in the endpoint ended it, and the URI was lost
  if (configured.endpoint.endsWith("\n")) pairs.push([endpoint, ""]);
  return pairs;
}
