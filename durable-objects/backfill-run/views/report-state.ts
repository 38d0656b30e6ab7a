// Shows how much of an ended run's evidence is written, and builds the status member about the evidence. Reads only.
import { archivePrefix, type ArchivePart, type EvidenceView } from "../../../src/contract/report.ts";
import type { StartedRun } from "../context/context.ts";

export interface ArchiveState {
  /** The number of the event that began this generation. Null: an older version, which had no generations, began the
   * evidence directly below the run's prefix. */
  generation: number | null;
  section: Section;
  after: number;
  parts: ArchivePart[];
  done: boolean;
}

export function archiveState(run: StartedRun): ArchiveState {
  const { archive_json } = run.row;
  if (archive_json === null) return begunAt(null);
  return { generation: null, ...(JSON.parse(archive_json) as Partial<ArchiveState>) } as ArchiveState;
}

export function evidenceView(run: StartedRun): EvidenceView {
  const { generation, parts, done } = archiveState(run);
  return {
    prefix: run.row.archive_json === null ? null : archivePrefix(run.row.run_id, generation),
    generation,
    complete: done,
    parts: parts.length,
    // A head of a part of the chain would be taken for the head of the evidence.
    head: done ? (parts.at(-1)?.chain ?? null) : null,
  };
}

export function begunAt(generation: number | null): ArchiveState {
  return { generation, section: "files", after: 0, parts: [], done: false };
}

export const SECTIONS = ["files", "batches", "events", "summary"] as const;

type Section = (typeof SECTIONS)[number];
