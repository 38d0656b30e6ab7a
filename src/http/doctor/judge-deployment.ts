// All lines of the doctor about a deployment, from the gathered facts. Pure.
import { linesOf, type DoctorLine } from "../../contract/doctor.ts";
import { DEPLOYMENT_CHECKS } from "./checks.ts";
import type { DeploymentFacts, SettingsFacts } from "./facts.ts";
import { judgeBucket } from "./judge-bucket.ts";
import { judgeReceiver } from "./judge-receiver.ts";
import { judgeObjects, judgeSettings, judgeVars } from "./judge-settings.ts";

export function judgeDeployment({ now, settings, objects, bucket, receiver }: DeploymentFacts): DoctorLine[] {
  return linesOf(DEPLOYMENT_CHECKS, [
    ...judgeSettings(settings),
    ...judgeObjects(objects, now),
    ...judgeBucket(bucket, now),
    ...judgeReceiver(receiver, now),
  ]);
}

/** While a var cannot be used, no other check is possible. */
export function judgeUnusable(settings: Pick<SettingsFacts, "faults" | "misspelt">): DoctorLine[] {
  return linesOf(DEPLOYMENT_CHECKS, judgeVars(settings));
}
