// What the doctor gathers about a deployment. Plain data: the rules judge it.
import type { LiveBorders } from "../../contract/file-counts.ts";
import type { ConfigFault } from "../../platform/config.ts";
import type { MisspeltVar } from "../../platform/misspelt-vars.ts";
import type { TimestampForm } from "./timestamp-form.ts";

export interface SettingsFacts {
  faults: readonly ConfigFault[];
  misspelt: readonly MisspeltVar[];
  enabled: boolean;
  missingSecrets: readonly string[];
  /** How many tokens of API_TOKENS, and whether Access gives roles. */
  namedTokens: number;
  hasAccessRoles: boolean;
  /** Null: Access is not used. */
  accessKeys: "fetched" | "unreachable" | null;
}

/** What the objects answered. Null: the object did not answer. */
export interface ObjectFacts {
  registry: true | null;
  coverage: true | null;
  notifier: true | null;
  channels: { names: string[]; faults: { name: string; detail: string }[] };
  queues: QueueFacts[];
}

export interface QueueFacts {
  binding: "PARSE_QUEUE" | "SEND_QUEUE";
  /** Null: the platform does not say. */
  backlog: { messages: number; oldestAt: number | null } | null;
}

export interface SampledFile {
  key: string;
  /** The times in the name. */
  startMs: number;
  endMs: number;
  /** Null: the file was read. Else why not. */
  unread: string | null;
  /** True: the file was read to its end. */
  isWhole: boolean;
  records: number;
  malformed: number;
  forms: Partial<Record<TimestampForm, number>>;
  /** Records whose time is more than a day away from the name of their file. */
  farRecords: number;
  parents: ParentCounts;
  /** How many records the live worker counts. Null: the file was not read to its end, or the borders are not known. */
  liveRecords: number | null;
  borders: LiveBorders | null;
  /** The largest index of a marker of this file. Null: there is none. */
  maxMarker: number | null;
}

/** Records by their ParentRayID. `zeros`: by the text of the value. */
export interface ParentCounts {
  usual: number;
  absent: number;
  zeros: Record<string, number>;
  parents: number;
}

export interface BucketFacts {
  /** Null: the bucket was listed. */
  listFailed: string | null;
  logPrefix: string;
  /** Keys of the listed page. */
  keys: number;
  unnamed: string[];
  unnamedCount: number;
  newestUploadedAt: number | null;
  samples: SampledFile[];
  livePrefix: string;
  liveBatchSize: number | null;
  /** Null: the list failed. */
  hasMarkers: boolean | null;
}

/** How the receiver answered. */
export type ReceiverAnswer =
  { kind: "answer"; status: number; dateMs: number | null } | { kind: "timeout" | "no_connection" };

export interface ReceiverFacts {
  /** Null: the receiver is not configured. */
  head: ReceiverAnswer | null;
  /** Null: the operator did not ask for it, or the receiver is not configured. */
  signed: ReceiverAnswer | null;
  isSignedAsked: boolean;
}

export interface DeploymentFacts {
  now: number;
  settings: SettingsFacts;
  objects: ObjectFacts;
  bucket: BucketFacts;
  receiver: ReceiverFacts;
}
