// A receiver kind: how a batch becomes a request to the receiver. Does no I/O. status-meaning.ts has what the status of an
// answer means. URL and headers of a request are secrets: they must not reach a log, an error or the ledger.
import { gzipSync } from "node:zlib";
import type { HttpPermit, ReceiverKind } from "../contract/receivers.ts";
import { sliceMember } from "../pipeline/send/slice-member.ts";
import { ctyunRequest, type CtyunReceiver } from "./ctyun.ts";
import { httpBody, httpRequest } from "./http-request.ts";
import type { HttpReceiver } from "./http-settings.ts";
import type { Mask } from "./mask-signature.ts";

export type { Mask };

/** The request of one POST, as the sender makes it. */
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

/** The settings of the receiver. They contain secrets, so they are never logged, stored or shown. */
export type Receiver = CtyunReceiver | HttpReceiver;

/** The receiver of each kind. Null: its secrets are missing. */
export interface Receivers {
  ctyun: CtyunReceiver | null;
  http: HttpReceiver | null;
}

/** What a permit says about the batch of a request. */
interface Sendable {
  slice: { from: number; lines: number } | null;
  http?: HttpPermit;
}

const NO_TOKEN = { place: null, text: "" };

/** The kind of a run, by the settings that the run froze. */
export function kindOf({ http }: { http?: unknown }): ReceiverKind {
  return http === undefined ? "ctyun" : "http";
}

/** `http`: the members of the permit for the kind `http`. */
export function requestOf(
  receiver: Receiver,
  moment: PostMoment,
  http: Pick<HttpPermit, "token" | "batchToken"> | undefined,
): PostRequest {
  if (receiver.kind === "ctyun") return ctyunRequest(receiver, moment);
  return httpRequest(receiver, http ? { place: http.token, text: http.batchToken } : NO_TOKEN);
}

/**
 * The bytes of a batch's body, made of its gzip member. A whole batch of the kind `ctyun` is sent unchanged.
 * @throws RangeError when the member has fewer lines than the permit asks for.
 */
export function bodyOf(
  member: Uint8Array,
  { slice, http }: Sendable,
  receiver: Receiver,
  level: number,
): Uint8Array {
  if (receiver.kind === "http" && http) return httpBody(member, slice, http, { gzip: receiver.gzip, level });
  return slice ? sliceMember(member, slice, level) : member;
}

/** The body of a request without a line, for a check of the settings. */
export function emptyBodyOf(receiver: Receiver): Uint8Array {
  return receiver.kind === "http" && !receiver.gzip ? new Uint8Array() : gzipSync("");
}

/** Endpoint and URI in one text. A send report identifies its receiver by this text. */
export function addressOf({ endpoint, uri }: Receiver): string {
  return `${endpoint}\n${uri}`;
}
