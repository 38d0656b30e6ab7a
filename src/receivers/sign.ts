// Makes the signed URL of one POST. Owns the formula that the receiver checks. This file never keeps, logs or
// compares a key. A signed URL is a secret: it must not reach a log, an error or the ledger.

import { createHash } from "node:crypto";

/** For how many seconds the receiver accepts a signed URL. Every attempt signs a new URL. */
const VALID_SECONDS = 300;

export interface SignedUrlInput {
  /** Scheme and host, without a path. */
  endpoint: string;
  /** The path and, if there is one, the query, as the receiver expects them. They are signed and sent without
   * further encoding. */
  uri: string;
  key: string;
  nowMs: number;
  /** A fresh random integer for each attempt. */
  rand: number;
  /** The character that joins the signature to the URI: "&" after a query, else "?". */
  joint?: "?" | "&";
}

/** `<endpoint><uri>?auth_key=<ts>-<rand>-<md5(uri-ts-rand-key)>`, or `&auth_key=` after a URI with a query. */
export function signedUrl(input: SignedUrlInput): string {
  return sign(input).url;
}

/** The signed URL and its MD5, for callers that must recognise the signature. */
export function sign({ endpoint, uri, key, nowMs, rand, joint = "?" }: SignedUrlInput): {
  url: string;
  md5: string;
} {
  const ts = Math.floor(nowMs / 1000) + VALID_SECONDS;
  const md5 = createHash("md5").update(`${uri}-${ts}-${rand}-${key}`).digest("hex");
  return { url: `${endpoint}${uri}${joint}auth_key=${ts}-${rand}-${md5}`, md5 };
}
