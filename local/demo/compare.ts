// Compares three sources about one run: the logs, the run's ledger, and the receiver's record. Does no I/O. Takes plain
// data and returns a table and a result. The sources agree when every row of the table agrees.
import type { ReceiverStats } from "../receiver/tally.ts";
import type { FileTruth } from "../generate/truth.ts";
import type { RunStatus } from "../../src/contract/views.ts";

/** The part of a run's status that is compared. */
export interface Ledger extends Pick<
  RunStatus,
  "log_lines_sent" | "duplicate_lines" | "possible_duplicate_lines"
> {
  files: Record<string, number>;
  lines: Pick<RunStatus["lines"], "read" | "kept" | "malformed"> & { dropped: FileTruth["dropped"] };
}

export interface Received {
  stats: ReceiverStats;
  rayIds: ReadonlyMap<string, number>;
}

export interface Comparison {
  rows: Row[];
  agrees: boolean;
}

interface Row {
  what: string;
  truth: number;
  /** Null: the ledger does not have this number. */
  ledger: number | null;
  receiver: number | null;
  agrees: boolean;
}

function row(what: string, truth: number, ledger: number | null, receiver: number | null = null): Row {
  const same = (n: number | null) => n === null || n === truth;
  return { what, truth, ledger, receiver, agrees: same(ledger) && same(receiver) };
}

export function compare(files: readonly FileTruth[], status: Ledger, received: Received): Comparison {
  const sum = (of: (file: FileTruth) => number) => files.reduce((total, file) => total + of(file), 0);
  const { lines } = status;
  const { stats } = received;
  const expected = new Map<string, number>();
  for (const file of files) {
    for (const rayId of file.kept_ray_ids) expected.set(rayId, (expected.get(rayId) ?? 0) + 1);
  }
  const difference = multisetDifference(expected, received.rayIds);
  const kept = sum((file) => file.kept);
  // A repeated line is wrong unless the run lists it. The receiver may have as many repeats as the run lists.
  const named = status.duplicate_lines + status.possible_duplicate_lines;
  const rows = [
    row(
      "files",
      files.length,
      Object.values(status.files).reduce((total, count) => total + count, 0),
    ),
    row(
      "lines read",
      sum((file) => file.lines),
      lines.read,
    ),
    row(
      "dropped: not top-level",
      sum((file) => file.dropped.not_top_level),
      lines.dropped.not_top_level,
    ),
    row(
      "dropped: bad timestamp",
      sum((file) => file.dropped.invalid_timestamp),
      lines.dropped.invalid_timestamp,
    ),
    row(
      "dropped: outside window",
      sum((file) => file.dropped.outside_window),
      lines.dropped.outside_window,
    ),
    ...(files.some((file) => file.dropped.delivered_live !== undefined)
      ? [
          row(
            "dropped: delivered live",
            sum((file) => file.dropped.delivered_live ?? 0),
            lines.dropped.delivered_live ?? 0,
          ),
        ]
      : []),
    row(
      "malformed",
      sum((file) => file.malformed),
      lines.malformed,
    ),
    row("kept", kept, lines.kept),
    row("lines sent", kept, status.log_lines_sent, stats.lines_accepted - difference.extra),
    row("distinct RayIDs", expected.size, null, received.rayIds.size),
    row("missing at the receiver", 0, null, difference.missing),
    row("never in the logs", 0, null, difference.unknown),
    {
      what: "received again",
      truth: 0,
      ledger: named,
      receiver: difference.extra,
      agrees: difference.extra <= named,
    },
    row(
      "requests not as agreed",
      0,
      null,
      Object.values(stats.violations).reduce((a, b) => a + b, 0),
    ),
  ];
  return { rows, agrees: rows.every(({ agrees }) => agrees) };
}

/** Compares the expected lines with the received lines. `missing` were expected and never received. `extra` were
 * received more often than expected. `unknown` were never expected. */
export function multisetDifference(
  expected: ReadonlyMap<string, number>,
  received: ReadonlyMap<string, number>,
) {
  let [missing, extra, unknown] = [0, 0, 0];
  for (const [rayId, count] of expected) {
    const got = received.get(rayId) ?? 0;
    missing += Math.max(0, count - got);
    extra += Math.max(0, got - count);
  }
  for (const [rayId, count] of received) if (!expected.has(rayId)) unknown += count;
  return { missing, extra: extra + unknown, unknown };
}

function show(n: number | null): string {
  return n === null ? "" : n.toLocaleString("en-US");
}

export function tableOf({ rows }: Comparison): string {
  const cells = [
    ["", "logs", "ledger", "receiver", ""],
    ...rows.map((one) => [
      one.what,
      show(one.truth),
      show(one.ledger),
      show(one.receiver),
      one.agrees ? "✓" : "✗",
    ]),
  ];
  const widths = [0, 1, 2, 3, 4].map((column) => Math.max(...cells.map((line) => line[column]?.length ?? 0)));
  return cells
    .map((line) =>
      line
        .map((cell, column) =>
          column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0),
        )
        .join("  "),
    )
    .join("\n");
}
