// Compares coverage with the truth about the live worker. Pure: takes plain data and returns sentences.
import type { LiveTruth } from "../generate/live-truth.ts";

interface Span {
  start: string;
  end: string;
}

/** The part of GET /coverage that is compared. */
export interface Coverage {
  states: string;
  holes: { inner: Span; outer: Span; files: number }[];
}

/** Returns one sentence for each difference. */
export function coverageDifferences(coverage: Coverage, truth: LiveTruth): string[] {
  const differences: string[] = [];
  if (coverage.states !== truth.states) {
    differences.push(`the states are ${coverage.states}, not ${truth.states}`);
  }
  const [shown, expected] = [coverage.holes.map(holeText), truth.holes.map(holeText)];
  for (const hole of expected) if (!shown.includes(hole)) differences.push(`${hole} is not shown`);
  for (const hole of shown) if (!expected.includes(hole)) differences.push(`${hole} is no hole`);
  return differences;
}

export function holeText(hole: { inner: Span | null; outer: Span; files: number }): string {
  const text = ({ start, end }: Span) => `${start} to ${end}`;
  // When no file is wholly missing, the inner window equals the outer window.
  return `the hole from ${text(hole.outer)} (inner ${text(hole.inner ?? hole.outer)}, ${hole.files} files)`;
}
