// The recount of a run's rows, and its result. Plain data that crosses RPC.

export interface Difference {
  /** The file whose sums differ. Null: the sums of the run differ. */
  file: number | null;
  what: string;
  recorded: number | string;
  counted: number | string;
}

export interface Verified {
  as_of: string;
  files: number;
  batches: number;
  differences: Difference[];
}

export interface VerificationView {
  under_way: boolean;
  /** Null: the run was never recounted. */
  last: Verified | null;
}
