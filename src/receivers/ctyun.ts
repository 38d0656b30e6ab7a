// The receiver kind `ctyun`: the partner. Its URL is signed, and its body is a gzip member of lines. Does no I/O.
import { maskOf, type Mask } from "./mask-signature.ts";
import { endpointOf, keyOf, spellingsOf, uriOf } from "./receiver-url.ts";
import { sign } from "./sign.ts";

/** `key` signs. It is never logged, stored or shown. */
export interface CtyunReceiver {
  kind: "ctyun";
  /** Scheme and host. Never ends in a slash. */
  endpoint: string;
  /** The path, with the query if there is one. The path is signed and sent unchanged. */
  uri: string;
  /** What joins the signature to the URI. */
  joint: "?" | "&";
  key: string;
  /** Endpoint and URI in every spelling that means the same receiver. */
  spellings: [endpoint: string, uri: string][];
}

const HEADERS = { "Content-Type": "text/plain; charset=utf-8", "Content-Encoding": "gzip" };

/** The receiver of settings that have passed their checks. */
export function ctyunReceiver(endpoint: string, uri: string, key: string): CtyunReceiver {
  return {
    kind: "ctyun",
    endpoint: endpointOf(endpoint) ?? endpoint,
    uri: uriOf(uri) ?? uri,
    joint: uri.includes("?") ? "&" : "?",
    key: keyOf(key),
    spellings: spellingsOf({ endpoint, uri }),
  };
}

export function ctyunRequest(
  { endpoint, uri, joint, key }: CtyunReceiver,
  { nowMs, rand }: { nowMs: number; rand: number },
): { url: string; method: "POST"; headers: Record<string, string>; mask: Mask } {
  const { url, md5 } = sign({ endpoint, uri, joint, key, nowMs, rand });
  return { url, method: "POST", headers: HEADERS, mask: maskOf({ url, md5, key }) };
}
