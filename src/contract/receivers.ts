// Defines the names of receivers, and how a run sends to a receiver, as it is frozen in the run's specification.
// The specification contains no secrets: URL, method and headers are always the present settings of the deployment.
// Plain data.

/** The name of the first receiver: the receiver of the secrets CTYUN_… or RECEIVER. Specifications and ids of its runs
 * contain no name. */
export const FIRST_RECEIVER = "default";

/** The name of a receiver of the secret RECEIVERS. */
export function isReceiverName(text: string): boolean {
  return text !== FIRST_RECEIVER && /^[a-z][a-z0-9-]{0,23}$/.test(text);
}

/** The name that the API shows. Null and undefined stand for the first receiver. */
export function shownReceiver(name: string | null | undefined): string {
  return name ?? FIRST_RECEIVER;
}

/** The kinds of receivers. `ctyun`: the partner. `http`: a receiver that a secret describes. */
export const RECEIVER_KINDS = ["ctyun", "http"] as const;
export type ReceiverKind = (typeof RECEIVER_KINDS)[number];

/** How the lines of a batch become the body of a request. `lines`: the lines as the pack contains them.
 * `json-array`: the lines are JSON, and the body is one array. */
export const BODY_FORMS = ["lines", "json-array"] as const;
export type BodyForm = (typeof BODY_FORMS)[number];

/** Where a request carries the token of its batch. */
export interface TokenPlace {
  in: "header" | "query";
  name: string;
}

/** The frozen settings of a run whose receiver has the kind `http`. */
export interface HttpSending {
  form: BodyForm;
  /** A line of text that comes before each line of the body. `{id}` in it is replaced by the id of the body's line.
   * Null: nothing comes before a line. */
  beforeEach: string | null;
  /** Null: requests carry no token. */
  token: TokenPlace | null;
  /** How long the receiver remembers a token. While the receiver remembers the token of an attempt, the attempt is
   * no possible duplicate. Absent: not known. */
  dedupesMs?: number;
}

/** What a line is made of, if the line has no partner format. "whole": the original record. A list: some members of
 * the record, under the given names. */
export type RecordForm = "whole" | RecordMember[];
export type RecordMember = [name: string, source: string];

/** The members of a send permit that only a receiver of the kind `http` needs. */
export interface HttpPermit extends HttpSending {
  /** The token of this batch, or of this part of a split batch. Each attempt has the same token. */
  batchToken: string;
  /** Identifies the batch as the parser made it. The id of a line begins with it. */
  memberToken: string;
}
