// Defines how far a run has listed its window, and the R2 keys that the run shows to the operator. Plain data that
// crosses RPC.

export interface ListingView {
  pass: number;
  under_way: boolean;
  late_margin_minutes: number;
  lookback_minutes: number;
  longest_range_seconds: number;
  farthest_kept_seconds: number;
  final_at: string;
}

/** R2 keys of one kind below the log prefix. `examples` lists the first few. */
export type NamedKind = { kind: string; count: number; examples: string[] };
