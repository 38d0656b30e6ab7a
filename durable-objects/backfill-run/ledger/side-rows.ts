// The rows of small tables: uploads, samples, events.
import type { Json } from "../../../src/contract/states.ts";

export interface RunEvent {
  at: number;
  actor: string;
  kind: string;
  detail: { [key: string]: Json };
}

export type EventRow = { event: number; at: number; actor: string; kind: string; detail_json: string };

export type UploadRow = { upload_id: string; key: string };

export type SampleRow = { sample: number; file: number; line: number; reason: string; bytes: string };

export const MAX_SAMPLES = 20;
