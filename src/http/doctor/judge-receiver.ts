// The checks of the receiver. Does no I/O. The doctor sends no line, so no check shows whether the receiver accepts
// lines.
import { isSuccess } from "../../receivers/status-meaning.ts";
import type { DeploymentFinding } from "./checks.ts";
import type { DeploymentFacts, NamedReceiverFacts, ReceiverAnswer, ReceiverFacts } from "./facts.ts";

/** How far the receiver's clock may differ. A signature is valid for 300 s, so a larger difference leaves too little
 * time. */
const CLOCK_SLACK_MS = 60_000;

export function judgeReceiver(
  { head, signed, isSignedAsked }: ReceiverFacts,
  now: number,
): DeploymentFinding[] {
  if (head === null) {
    const detail = "RECEIVER is not set, and endpoint, path or key of the partner is not set";
    const found: DeploymentFinding[] = [{ check: "receiver", outcome: "not_configured", detail }];
    if (isSignedAsked) found.push({ check: "signature", outcome: "not_configured", detail });
    return found;
  }
  return [
    judgeHead(head),
    judgeClock(head, now),
    isSignedAsked && signed !== null ? judgeSigned(signed) : NOT_ASKED,
  ];
}

/** The findings about a receiver of RECEIVERS. Each detail begins with its name. */
export function judgeNamedReceiver(facts: NamedReceiverFacts, now: number): DeploymentFinding[] {
  const found = judgeReceiver(facts, now);
  return found.map((finding) => ({ ...finding, detail: `${facts.name}: ${finding.detail}` }));
}

/** Runs of two receivers do not see each other's lines. So two names of one receiver would get every line twice. */
export function judgeAddresses({
  namedReceivers,
  sameAddress,
}: Pick<DeploymentFacts, "namedReceivers" | "sameAddress">): DeploymentFinding[] {
  const check = "receivers" as const;
  if (namedReceivers.length === 0)
    return [{ check, outcome: "one", detail: "RECEIVERS names no further receiver" }];
  if (sameAddress.length === 0) {
    const names = namedReceivers.map(({ name }) => name).join(", ");
    return [{ check, outcome: "apart", detail: `RECEIVERS names ${names}` }];
  }
  return sameAddress.map((names) => ({
    check,
    outcome: "same_address",
    detail: `${names.join(" and ")} have the same address`,
  }));
}

const NOT_ASKED: DeploymentFinding = {
  check: "signature",
  outcome: "not_asked",
  detail: "not tried; signed_empty=true sends a signed POST without a line",
};

function judgeHead(head: ReceiverAnswer): DeploymentFinding {
  const check = "receiver" as const;
  if (head.kind !== "answer") return { check, outcome: "silent", detail: SILENT[head.kind] };
  const detail = `HEAD was answered with ${head.status}`;
  if (head.status >= 300 && head.status < 400) return { check, outcome: "redirects", detail };
  if (isEdgeFailure(head.status)) return { check, outcome: "silent", detail };
  // The receiver may refuse HEAD, or a request without a signature. Either answer shows that it is reachable.
  if (head.status >= 500 && head.status !== 501) return { check, outcome: "failing", detail };
  return { check, outcome: "answers", detail };
}

/** True for statuses with which Cloudflare answers when it cannot connect to the receiver's server. */
function isEdgeFailure(status: number): boolean {
  return [521, 523, 525, 526, 530].includes(status);
}

const SILENT = {
  timeout: "no answer in time",
  no_connection: "no connection, or it was closed without an answer",
};

function judgeClock(head: ReceiverAnswer, now: number): DeploymentFinding {
  const check = "receiver_clock" as const;
  if (head.kind !== "answer" || head.dateMs === null)
    return { check, outcome: "unknown", detail: "the answer has no usable Date" };
  const seconds = Math.round((head.dateMs - now) / 1_000);
  const isNear = Math.abs(head.dateMs - now) <= CLOCK_SLACK_MS;
  return {
    check,
    outcome: isNear ? "agrees" : "differs",
    detail: `the receiver's clock is ${seconds} s ahead`,
  };
}

function judgeSigned(signed: ReceiverAnswer): DeploymentFinding {
  const check = "signature" as const;
  if (signed.kind !== "answer") return { check, outcome: "unclear", detail: SILENT[signed.kind] };
  const detail = `the signed POST without a line was answered with ${signed.status}`;
  if (isSuccess(signed.status)) return { check, outcome: "accepted", detail };
  if (signed.status === 401 || signed.status === 403) return { check, outcome: "refused", detail };
  return { check, outcome: "unclear", detail };
}
