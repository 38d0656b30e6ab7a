// Turns the gathered facts about a deployment into the lines that the doctor shows. Does no I/O.
import { linesOf, type DoctorLine } from "../../contract/doctor.ts";
import { DEPLOYMENT_CHECKS } from "./checks.ts";
import type { DeploymentFacts, SettingsFacts } from "./facts.ts";
import { judgeBucket } from "./judge-bucket.ts";
import { judgeAddresses, judgeNamedReceiver, judgeReceiver } from "./judge-receiver.ts";
import { judgeObjects, judgeSettings, judgeVars } from "./judge-settings.ts";

export function judgeDeployment(facts: DeploymentFacts): DoctorLine[] {
  const { now, settings, objects, bucket, receiver, namedReceivers } = facts;
  return linesOf(DEPLOYMENT_CHECKS, [
    ...judgeSettings(settings),
    ...judgeObjects(objects, now),
    ...judgeBucket(bucket, now),
    ...judgeReceiver(receiver, now),
    ...namedReceivers.flatMap((one) => judgeNamedReceiver(one, now)),
    ...judgeAddresses(facts),
  ]);
}

/** The lines when a var has an unusable value. While a var has an unusable value, no other check is possible. */
export function judgeUnusable(settings: Pick<SettingsFacts, "faults" | "misspelt">): DoctorLine[] {
  return linesOf(DEPLOYMENT_CHECKS, judgeVars(settings));
}
