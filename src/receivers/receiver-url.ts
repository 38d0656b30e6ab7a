// Turns the configured endpoint and URI into the URL parts that are sent. The signature covers the URI. This file
// therefore refuses a URI that a URL parser would change or not send. Surrounding white space is removed, because
// people paste secrets with a line feed. Does no I/O.

/** Matches the URIs that the Worker sends exactly as written. */
const URI = /^\/[A-Za-z0-9\-._~!$&'()*+,;=:@/%?[\]|{}]*$/;
const ENDPOINT = /^https?:\/\/[^/?#\\\s@]+\/?$/i;

export const EXPECTED_ENDPOINT = "expected an http:// or https:// URL of scheme and host alone";
export const EXPECTED_URI =
  "expected a path that starts with / and that a URL parser leaves as it is (no #, spaces, dot segments, or characters to encode)";

/** Scheme and host without a trailing slash, as a URL parser spells them. Null for anything else. */
export function endpointOf(text: string): string | null {
  const trimmed = text.trim();
  if (!ENDPOINT.test(trimmed) || !URL.canParse(trimmed)) return null;
  const { origin, protocol } = new URL(trimmed);
  // Only case and the default port may differ. A host with other characters looks like another host.
  const spelled = trimmed.toLowerCase().replace(/\/$/, "");
  const withoutPort = spelled.replace(protocol === "https:" ? /:443$/ : /:80$/, "");
  return withoutPort === origin ? origin : null;
}

/** The path, and the query if there is one. Null when the sent URI would differ from the signed URI. */
export function uriOf(text: string): string | null {
  const trimmed = text.trim();
  const base = "http://receiver.invalid";
  if (!URI.test(trimmed) || !URL.canParse(base + trimmed)) return null;
  const { origin, pathname, search, searchParams } = new URL(base + trimmed);
  const isAsItStands = origin === base && pathname + search === trimmed;
  return isAsItStands && !searchParams.has("auth_key") ? trimmed : null;
}

/** Removes the line feed of a pasted key. */
export function keyOf(text: string): string {
  return text.replace(/[\r\n]+$/, "");
}

/** All spellings of the same receiver that a run may have stored: as sent, as configured, and as earlier versions of
 * this code read them. */
export function spellingsOf(configured: {
  endpoint: string;
  uri: string;
}): [endpoint: string, uri: string][] {
  const endpoint = endpointOf(configured.endpoint) ?? configured.endpoint;
  const uri = uriOf(configured.uri) ?? configured.uri;
  const endpoints = [endpoint, `${endpoint}/`, configured.endpoint, configured.endpoint.trim()];
  const pairs = endpoints.map((one): [string, string] => [one, uri]);
  // Earlier versions ended the endpoint at the line feed and lost the URI.
  if (configured.endpoint.endsWith("\n")) pairs.push([endpoint, ""]);
  return pairs;
}
