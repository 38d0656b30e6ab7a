// Applies an operator's decision about one file that needs attention: parse the file again, or accept it as it is.
import type { RunContext } from "../context/context.ts";
import type { OperatorCommand } from "../../../src/contract/operator.ts";
import { SIZE_UNPROVEN } from "../ledger/reasons.ts";
import { no, type Done } from "./outcome.ts";
import { FILE_PROBLEMS } from "../ledger/states.ts";
import { allBatchesOf } from "../batches/of-file.ts";
import { choicesOf, type FileChoices } from "../files/file-choices.ts";
import { openAccepted } from "../files/apply-live-size-proof.ts";
import { discardFile, enqueueAnew } from "../files/parse-again.ts";

/** Parses the R2 object that the key has now. Sent batches are kept when the new batches have equal digests. */
export function retryFile(
  context: RunContext,
  command: Extract<OperatorCommand, { do: "retry_file" }>,
): Done {
  const file = context.store.files.get(command.file);
  if (!file) return no("unknown_file", `no file ${command.file}`);
  const waitsForLive = file.state === "waiting" && file.reason_code !== SIZE_UNPROVEN;
  if (!FILE_PROBLEMS.includes(file.state) && !waitsForLive)
    return no("wrong_state", `file ${file.file} is ${file.state}`);
  if (allBatchesOf(context, file).some((batch) => batch.state === "leased")) {
    return no("wrong_state", `a batch of file ${file.file} is being sent; ask again when it has ended`);
  }
  const { topLevelParentRayIds, onCorrupt, liveWaiting, allowDuplicates } = command;
  // The earlier acceptance does not apply to the new parse of the file.
  const { accepted: _accepted, ...before } = choicesOf(context, file);
  const choices: FileChoices = {
    ...before,
    ...(topLevelParentRayIds && { topLevelParentRayIds }),
    ...(onCorrupt && { onCorrupt }),
    ...(liveWaiting && { liveWaiting }),
  };
  context.store.files.update(file.file, { choices_json: JSON.stringify(choices) });
  if (liveWaiting === "send") context.store.totals.add("exceptions", 1);
  enqueueAnew(context, file, allowDuplicates);
  return { ok: true, changed: 1 };
}

/** Settles the file as it is: sent batches count, and unsent batches are never sent. Or sends a suspicious
 * file's batches. */
export function acceptFile(
  context: RunContext,
  command: Extract<OperatorCommand, { do: "accept_file" }>,
): Done {
  const { note, send } = command;
  const file = context.store.files.get(command.file);
  if (!file) return no("unknown_file", `no file ${command.file}`);
  if (!note) return no("note_needed", "accepting needs a note that says why");
  if (!FILE_PROBLEMS.includes(file.state)) return no("wrong_state", `file ${file.file} is ${file.state}`);
  if (allBatchesOf(context, file).some((batch) => batch.state === "leased")) {
    return no("wrong_state", `a batch of file ${file.file} is being sent; ask again when it has ended`);
  }
  const isSuspicious = file.state === "suspicious";
  if (isSuspicious && send === undefined && file.unsettled > 0) {
    return no("send_needed", "the file kept lines: true sends them, false discards them");
  }
  if (send === true && !isSuspicious) {
    return no(
      "wrong_state",
      `file ${file.file} is ${file.state}: only the batches of a suspicious file can be sent`,
    );
  }
  context.store.totals.add("exceptions", 1);
  if ((file.duplicate_of !== null || file.counted === 0) && send === true) {
    // The file was never parsed, so it is now read and judged like any other file.
    enqueueAnew(context, file, false);
    return { ok: true, changed: 1 };
  }
  const choices: FileChoices = choicesOf(context, file);
  if (isSuspicious) choices.accepted = { etag: file.etag, send: send === true };
  const choices_json = isSuspicious ? JSON.stringify(choices) : file.choices_json;
  const reason_code = file.reason_code ?? file.state;
  if (send === true)
    openAccepted(context, file, { reason_code, decision: `accepted and sent: ${note}`, choices_json });
  else discardFile(context, file, { reason_code, decision: `accepted: ${note}`, choices_json });
  return { ok: true, changed: 1 };
}
