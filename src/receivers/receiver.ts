// A receiver kind: how a batch becomes a request to the receiver. Does no I/O. status-meaning.ts has what an answer
// means. A URL and the headers of a request are secrets: they must not reach a log, an error or the ledger.
import type { Mask } from "./mask-signature.ts";
import { ctyunRequest, type CtyunReceiver } from "./ctyun.ts";

export type { Mask };

/** One request of a sender. */
export interface PostRequest {
  url: string;
  method: "POST" | "PUT";
  headers: Record<string, string>;
  /** Removes the secrets of this request from a text. */
  mask: Mask;
}

/** What a request needs in addition to the receiver's settings. */
export interface PostMoment {
  /** Epoch milliseconds. */
  nowMs: number;
  /** A fresh random integer for each attempt, below 100,000. */
  rand: number;
}

/** Where batches go. It contains secrets, so it is never logged, stored or shown. */
export type Receiver = CtyunReceiver;

export function requestOf(receiver: Receiver, moment: PostMoment): PostRequest {
  return ctyunRequest(receiver, moment);
}

/** Endpoint and URI in one text. A send report identifies its receiver by this text. */
export function namesOf({ endpoint, uri }: Receiver): string {
  return `${endpoint}\n${uri}`;
}
