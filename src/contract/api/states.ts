// The schemas of the states of runs, files, batches and attempts, with the meaning of each state.
import type * as names from "../states.ts";
import { codes } from "./shapes.ts";

export const Stage = codes<names.Stage>("Stage", "What a run is doing now.", {
  scanning_and_queueing: "The run lists and parses files, and sends batches that are ready.",
  sending: "Every file is parsed. Some batches are not sent yet.",
  sent_waiting_cleanup: "The run is delivered. Its packs are not deleted yet.",
  cleaned: "The run is delivered, and its packs are deleted.",
  paused: "An operator or a canary paused the run.",
  suspended: "Settings, the receiver, its answers or the hours prevent sending.",
  needs_attention: "The run is not delivered. Only an operator can continue it.",
  aborting: "The run was asked to stop. Some leases have not ended.",
  aborted: "The run was stopped, and no lease is left.",
  counting: "A dry run lists and parses its window and counts lines.",
  counted: "A dry run has counted, and its plan has a hash.",
});

const FILE_STATE_TEXTS: Readonly<Record<names.FileState, string>> = {
  listed: "The file waits for a parser.",
  parsing: "A parser has the lease of the file.",
  waiting: "The file waits for the live worker, or for proof of its batch size.",
  open: "The file is parsed, but some of its batches are not settled.",
  closed: "All batches of the file are settled, or it has none.",
  failed: "The file cannot be parsed.",
  missing: "The R2 object of the file is gone.",
  changed: "The R2 object was replaced after lines of it were sent, or gives other batches.",
  suspicious: "Too many lines fail a check, or the file may be a copy.",
  accepted: "An operator accepted the file without its unsent lines.",
};
export const FileState = codes("FileState", "The state of a file in a run.", FILE_STATE_TEXTS);

const BATCH_STATE_TEXTS: Readonly<Record<names.BatchState, string>> = {
  pending: "The batch can be sent, now or after a wait.",
  leased: "A sender has the batch.",
  done: "The receiver accepted the batch, or an operator settled it as delivered.",
  refused: "The receiver refused the batch, and only an operator's decision sends it again.",
  held: "The batch waits for an operator, or for its file.",
  discarded: "The batch will not be sent.",
  split: "Its parts or an equal batch replace it, so it carries no lines.",
};
export const BatchState = codes("BatchState", "The state of a batch in a run.", BATCH_STATE_TEXTS);

/** What the number of files in a state counts. */
export function filesIn(state: names.FileState): string {
  return `Files in the state \`${state}\`. ${FILE_STATE_TEXTS[state]}`;
}

/** What the number of batches in a state counts. `failed` is a state of older versions. */
export function batchesIn(state: names.ShownBatchState): string {
  if (state === "failed") return "Always 0. No batch enters this state any more.";
  return `Batches in the state \`${state}\`. ${BATCH_STATE_TEXTS[state]}`;
}

export const AttemptState = codes<names.AttemptState>("AttemptState", "What is known of an attempt.", {
  uncertain: "The receiver may have accepted the attempt.",
  not_delivered: "The attempt was uncertain. A late report shows that it was not accepted.",
  refused: "The receiver refused the attempt.",
  done: "The attempt was uncertain. A late 2xx or an operator showed that it was accepted.",
  duplicate: "The receiver accepted this attempt, and another attempt with the same lines too.",
  resolved: "The newest uncertain attempt of a batch that an operator settled as delivered.",
});

export const CleanupState = codes<names.CleanupState>("CleanupState", "How far the cleanup of a run is.", {
  pending: "The run is not delivered, or its grace period is not over.",
  inspecting: "The run lists its window again to find late files, or waits for a decision about them.",
  ready: "The run may delete its packs.",
  deleting: "The run deletes its packs.",
  done: "A listing found no pack. The cleanup is complete.",
});
