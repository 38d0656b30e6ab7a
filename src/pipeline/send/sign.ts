// Makes the signed URL of one POST. Owns the formula that the receiver checks; never keeps, logs or compares a key.
// A signed URL is a secret: it must not reach a log, an error or the ledger.

import { createHash } from "node:crypto";

/** Seconds. The receiver refuses a URL after this; every attempt gets a fresh one. */
const VALID_SECONDS = 300;

export interface SignedUrlInput {
  /** Scheme and host, without a path. */
  endpoint: string;
  /** Path as the receiver knows it, with a query where it has one; signed and sent as it is, without encoding. */
  uri: string;
  key: string;
  nowMs: number;
  /** A fresh random integer for each attempt. */
  rand: number;
  /** What joins the signature to the URI: "&" behind a query. */
  joint?: "?" | "&";
}

/** `<endpoint><uri>?auth_key=<ts>-<rand>-<md5(uri-ts-rand-key)>`; `&auth_key=` after a URI that has a query. */
export function signedUrl(input: SignedUrlInput): string {
  return sign(input).url;
}

/** The same with the MD5 by itself, for those who must recognise it. */
export function sign({ endpoint, uri, key, nowMs, rand, joint = "?" }: SignedUrlInput): {
  url: string;
  md5: string;
} {
  const ts = Math.floor(nowMs / 1000) + VALID_SECONDS;
  const md5 = createHash("md5").update(`${uri}-${ts}-${rand}-${key}`).digest("hex");
  return { url: `${endpoint}${uri}${joint}auth_key=${ts}-${rand}-${md5}`, md5 };
}
