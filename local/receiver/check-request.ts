// Checks what the partner demands of a request before its body: method, path, signature, headers. Does no I/O. `nowMs`
// is passed in. Written from the partner's rules alone, so that it shares no mistake with the sender.
import { createHash } from "node:crypto";

export interface Agreement {
  /** Path of the endpoint, e.g. /log/edge, with its query if there is one. */
  uri: string;
  key: string;
  /** By how many ms the sender's clock may differ. */
  clockSlackMs: number;
}

export interface RequestHead {
  method: string;
  /** The path with its query, as received. */
  url: string;
  headers: Record<string, string | string[] | undefined>;
}

/** A broken rule. `status` is the HTTP status that the partner answers. */
export interface Violation {
  code: string;
  status: number;
}

/** A signature is valid until its own timestamp, which the sender sets this far into the future. */
const SIGNATURE_LIFE_MS = 300_000;

/** The broken rules, in the order in which a real server would notice them. Empty: the request is correct. */
export function headViolations(head: RequestHead, agreement: Agreement, nowMs: number): Violation[] {
  const found: Violation[] = [];
  const mark = (bad: boolean, code: string, status = 400) => bad && found.push({ code, status });
  const { pathname, search, searchParams } = new URL(head.url, "http://receiver");
  const [path, query] = agreement.uri.split("?");
  mark(head.method !== "POST", "method", 405);
  mark(pathname !== path, "path", 404);
  mark(search.replace(/auth_key=[^&]*$/, "") !== (query === undefined ? "?" : `?${query}&`), "query");
  mark(!isSigned(searchParams.get("auth_key") ?? "", agreement, nowMs), "signature", 403);
  mark(head.headers["content-type"] !== "text/plain; charset=utf-8", "content_type");
  mark(head.headers["content-encoding"] !== "gzip", "content_encoding");
  mark(head.headers["transfer-encoding"] !== undefined, "chunked");
  mark(!/^[1-9]\d*$/.test(String(head.headers["content-length"])), "content_length", 411);
  return found;
}

function isSigned(authKey: string, agreement: Agreement, nowMs: number): boolean {
  const [, seconds, random, digest] = /^(\d+)-([^-]+)-([0-9a-f]{32})$/.exec(authKey) ?? [];
  if (seconds === undefined) return false;
  const aheadMs = Number(seconds) * 1_000 - nowMs;
  // The timestamp has whole seconds, so rounding may lose up to one second.
  if (aheadMs < -agreement.clockSlackMs || aheadMs > SIGNATURE_LIFE_MS + agreement.clockSlackMs + 1_000) {
    return false;
  }
  const text = `${agreement.uri}-${seconds}-${random}-${agreement.key}`;
  return createHash("md5").update(text).digest("hex") === digest;
}
