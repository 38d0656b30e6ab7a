// Compares coverage, and a run that skips what the live worker delivered, with the expected result that
// the generator wrote. Does no I/O. Takes plain data and returns plain data.
import type { LiveTruth } from "../generate/live-truth.ts";
import type { FileTruth } from "../generate/truth.ts";

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

/** Returns how a run should count the files, if it skips what the live worker delivered. */
export function complementOf(files: readonly FileTruth[], truth: LiveTruth): FileTruth[] {
  const accepted = new Map(truth.files.map((file) => [file.key, new Set(file.delivered_ray_ids)]));
  return files.map((file) => {
    const delivered = accepted.get(file.key);
    const missing = file.kept_ray_ids.filter((rayId) => !delivered?.has(rayId));
    const skipped = file.kept_ray_ids.length - missing.length;
    const dropped = { ...file.dropped, delivered_live: skipped };
    return { ...file, kept: missing.length, kept_ray_ids: missing, dropped };
  });
}

/** Returns the RayIDs that the live worker delivered and that the receiver got again. */
export function sentAgain(truth: LiveTruth, received: ReadonlyMap<string, number>): string[] {
  return truth.files.flatMap((file) => file.delivered_ray_ids.filter((rayId) => received.has(rayId)));
}

const MINUTE_MS = 60_000;

/** A record may begin up to a minute before the range of its file. So the window is wider than the hole. With
 * `skip_delivered`, a wider window sends nothing twice. */
export function windowAround({ outer }: { outer: Span }): Span {
  return { start: shifted(outer.start, -MINUTE_MS), end: shifted(outer.end, MINUTE_MS) };
}

function shifted(text: string, ms: number): string {
  return new Date(Date.parse(text) + ms).toISOString().replace(".000Z", "Z");
}
