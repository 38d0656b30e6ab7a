// GET /doctor: gathers facts about the deployment and answers with one line for each check. Changes nothing and sends
// no line.
import type { DoctorAnswer } from "../../contract/api/api-types.ts";
import { worstOf, type DoctorLine } from "../../contract/doctor.ts";
import type { ConfigFault } from "../../platform/config.ts";
import { misspeltVars } from "../../platform/misspelt-vars.ts";
import type { Receiver } from "../../receivers/receiver.ts";
import { answer, type HttpContext } from "../context.ts";
import { readChoice } from "../requests/list-query.ts";
import { problem } from "../problems/problems.ts";
import type { RunRoute } from "../runs/run-route.ts";
import { sameAddresses } from "../same-addresses.ts";
import type { ReceiverFacts } from "./facts.ts";
import { gatherBucket } from "./gather-bucket.ts";
import { askAccess, askObjects, askReceiver, askSigned } from "./gather-outside.ts";
import { judgeDeployment, judgeUnusable } from "./judge-deployment.ts";

const SIGNED_EMPTY = "signed_empty";

export async function showDoctor({ url }: RunRoute, context: HttpContext): Promise<Response> {
  const read = readChoice(new URL(url).searchParams, SIGNED_EMPTY, ["true", "false"]);
  if (!read.ok) return problem(read.refusal);
  const isSignedAsked = read.query === "true";
  const { env, config, now } = context;
  const { receiver, access } = config;
  const named = [...config.namedReceivers].map(([name, one]) => ({ name, receiver: one.receiver }));
  const [bucket, objects, accessKeys, own, namedReceivers] = await Promise.all([
    gatherBucket(env.LOGS, config, now),
    askObjects(context),
    access && askAccess(access),
    receiverFacts(receiver, isSignedAsked, now),
    Promise.all(
      named.map(async (one) => ({
        name: one.name,
        ...(await receiverFacts(one.receiver, isSignedAsked, now)),
      })),
    ),
  ]);
  const settings = {
    faults: [],
    misspelt: misspeltVars(env),
    enabled: config.enabled,
    missingSecrets: config.missingSecrets,
    autoReplay: config.autoReplay,
    receiverKind: receiver && receiver.kind,
    namedTokens: config.apiTokens.length,
    hasAccessRoles: config.accessRoles !== null,
    accessKeys,
  };
  const sameAddress = sameAddresses(config);
  const facts = { now, settings, objects, bucket, receiver: own, namedReceivers, sameAddress };
  return answer(200, answerOf(judgeDeployment(facts), now));
}

async function receiverFacts(
  receiver: Receiver | null,
  isSignedAsked: boolean,
  now: number,
): Promise<ReceiverFacts> {
  const [head, signed] = await Promise.all([
    receiver && askReceiver(receiver),
    receiver && isSignedAsked ? askSigned(receiver, now) : null,
  ]);
  return { head, signed, isSignedAsked };
}

/** The answer when a var of the deployment has an unusable value. */
export function showUnusable(env: object, faults: readonly ConfigFault[]): Response {
  return answer(200, answerOf(judgeUnusable({ faults, misspelt: misspeltVars(env) }), Date.now()));
}

function answerOf(lines: DoctorLine[], now: number): DoctorAnswer {
  return { as_of: new Date(now).toISOString(), worst: worstOf(lines), lines };
}
