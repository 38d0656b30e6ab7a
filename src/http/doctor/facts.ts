// The facts that the doctor gathers about a deployment. The rules in judge-*.ts turn them into findings.
import type { AutoReplayMode } from "../../contract/auto-replay.ts";
import type { LiveBorders } from "../../contract/file-counts.ts";
import type { ReceiverKind } from "../../contract/receivers.ts";
import type { ConfigFault } from "../../platform/config.ts";
import type { MisspeltVar } from "../../platform/misspelt-vars.ts";
import type { TimestampForm } from "./timestamp-form.ts";

export interface SettingsFacts {
  faults: readonly ConfigFault[];
  misspelt: readonly MisspeltVar[];
  enabled: boolean;
  missingSecrets: readonly string[];
  /** The var AUTO_REPLAY. */
  autoReplay: AutoReplayMode;
  /** The kind of the receiver of new runs. Null: its secrets are missing. */
  receiverKind: ReceiverKind | null;
  /** The number of tokens in API_TOKENS. */
  namedTokens: number;
  hasAccessRoles: boolean;
  /** Whether the keys of the Access team could be fetched. Null: the deployment does not use Access. */
  accessKeys: "fetched" | "unreachable" | null;
}

/** Which Durable Objects answered. Null: the Durable Object did not answer. */
export interface ObjectFacts {
  registry: true | null;
  coverage: true | null;
  notifier: true | null;
  channels: { names: string[]; faults: { name: string; detail: string }[] };
  queues: QueueFacts[];
}

export interface QueueFacts {
  binding: "PARSE_QUEUE" | "SEND_QUEUE";
  /** The messages that wait. Null: the platform did not report them. */
  backlog: { messages: number; oldestAt: number | null } | null;
}

export interface SampledFile {
  key: string;
  /** The first and the last instant that the name of the file states. */
  startMs: number;
  endMs: number;
  /** Why the file could not be read. Null: it was read. */
  unread: string | null;
  /** True: the file was read to its end. */
  isWhole: boolean;
  records: number;
  malformed: number;
  forms: Partial<Record<TimestampForm, number>>;
  /** Records whose time differs by more than a day from the time in the name of the file. */
  farRecords: number;
  parents: ParentCounts;
  /** The number of records as the live worker counts them. Null: the file was not read to its end, or the live
   * worker's count cannot be known. */
  liveRecords: number | null;
  borders: LiveBorders | null;
  /** The largest index in the names of this file's markers. Null: the file has no marker. */
  maxMarker: number | null;
}

/** Numbers of records by their ParentRayID. `zeros` counts each text of zeros other than the usual "00". */
export interface ParentCounts {
  usual: number;
  absent: number;
  zeros: Record<string, number>;
  parents: number;
}

export interface BucketFacts {
  /** Why the bucket could not be listed. Null: it was listed. */
  listFailed: string | null;
  logPrefix: string;
  /** The number of keys in the listed page. */
  keys: number;
  unnamed: string[];
  unnamedCount: number;
  newestUploadedAt: number | null;
  samples: SampledFile[];
  livePrefix: string;
  liveBatchSize: number | null;
  /** Whether markers of a live worker exist. Null: they could not be listed. */
  hasMarkers: boolean | null;
}

/** How the receiver answered the doctor's request. */
export type ReceiverAnswer =
  { kind: "answer"; status: number; dateMs: number | null } | { kind: "timeout" | "no_connection" };

export interface ReceiverFacts {
  /** The answer to a HEAD request. Null: the receiver is not configured. */
  head: ReceiverAnswer | null;
  /** The answer to a signed POST. Null: the operator did not ask for it, or the receiver is not configured. */
  signed: ReceiverAnswer | null;
  isSignedAsked: boolean;
}

/** A receiver of RECEIVERS. */
export interface NamedReceiverFacts extends ReceiverFacts {
  name: string;
}

export interface DeploymentFacts {
  now: number;
  settings: SettingsFacts;
  objects: ObjectFacts;
  bucket: BucketFacts;
  /** The first receiver. */
  receiver: ReceiverFacts;
  namedReceivers: readonly NamedReceiverFacts[];
  /** Groups of names whose receivers have the same address. */
  sameAddress: readonly string[][];
}
