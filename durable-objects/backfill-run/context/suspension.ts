// Outside conditions that suspend a run and end by themselves: settings, kill switch, receiver, answers. Reads only.
import type { RunRow } from "../ledger/run-row.ts";
import { createHmac } from "node:crypto";
import { shownReceiver, type ReceiverKind } from "../../../src/contract/receivers.ts";
import { answerRuleOf, missingText } from "../../../src/platform/receiver-config.ts";
import { kindOf } from "../../../src/receivers/receiver.ts";
import type { StartedRun } from "./context.ts";
import type { Settings } from "./settings.ts";
import { patternSuspends } from "../receiver/answer-pattern.ts";
import { answersSuspend } from "../receiver/answers.ts";

/** A fingerprint of endpoint and URI. Each run computes it with a secret key of its own, so the secrets cannot be
 * guessed from the fingerprint. */
export function receiverPrint(row: RunRow, endpoint: string, uri: string): string {
  return createHmac("sha256", row.receiver_key).update(`${endpoint}\n${uri}`).digest("hex");
}

/** Names what has changed when the deployment's receiver is not the receiver of the run. */
const ADDRESS = {
  ctyun: "CTYUN_ENDPOINT or CTYUN_URI_EDGE differ",
  http: "the url of RECEIVER differs",
};
const NAMED_ADDRESS = { ctyun: "endpoint or uri", http: "the url" };

function addressText(name: string | null, kind: ReceiverKind): string {
  return name === null ? ADDRESS[kind] : `${NAMED_ADDRESS[kind]} of ${name} in RECEIVERS differs`;
}

/** The first condition that applies. Null: no condition applies. */
export function suspension(run: StartedRun, settings: Settings): { code: string; detail: string } | null {
  if (!settings.ok) return { code: "bad_configuration", detail: settings.detail };
  const { config } = settings;
  if (!config.enabled) {
    return { code: "disabled", detail: 'BACKFILL_ENABLED is not "true"; the run goes on when it is' };
  }
  const named = run.spec.receiver ?? null;
  if (named !== config.receiverName) {
    const detail = `the run was started for the receiver ${shownReceiver(named)}, and its id names ${shownReceiver(config.receiverName)}`;
    return { code: "receiver_not_configured", detail };
  }
  const kind = kindOf(run.spec);
  const receiver = config.receivers[kind];
  if (!receiver) {
    return { code: "receiver_not_configured", detail: missingText(config, kind) };
  }
  const { spellings } = receiver;
  const frozen = run.row.receiver_print;
  if (
    frozen !== null &&
    !spellings.some(([endpoint, uri]) => receiverPrint(run.row, endpoint, uri) === frozen)
  ) {
    return {
      code: "receiver_changed",
      detail: `${addressText(config.receiverName, kind)} from the first delivery of this run; restore the earlier value`,
    };
  }
  const rule = answerRuleOf(config, kind);
  const byAnswers = patternSuspends(run.answers, rule?.print ?? "") ?? answersSuspend(run.answers);
  if (byAnswers) return byAnswers;
  return run.breaker.open ? { code: run.breaker.open.code, detail: run.breaker.open.detail } : null;
}
