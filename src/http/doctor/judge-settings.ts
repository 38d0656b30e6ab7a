// The checks of settings, callers, channels, Durable Objects and queues. Does no I/O.
import { misspeltText } from "../../platform/misspelt-vars.ts";
import type { DeploymentFinding } from "./checks.ts";
import type { ObjectFacts, QueueFacts, SettingsFacts } from "./facts.ts";

/** A message that waits longer shows that no consumer works. A working consumer takes messages within seconds. */
const STUCK_MS = 900_000;

export function judgeVars({
  faults,
  misspelt,
}: Pick<SettingsFacts, "faults" | "misspelt">): DeploymentFinding[] {
  const check = "vars" as const;
  const found = [
    ...faults.map(({ name, detail }) => ({
      check,
      outcome: "invalid" as const,
      detail: `${name}: ${detail}`,
    })),
    ...misspelt.map((one) => ({ check, outcome: "misspelt" as const, detail: misspeltText(one) })),
  ];
  return found.length > 0 ? found : [{ check, outcome: "usable", detail: "every value can be used" }];
}

export function judgeSettings(settings: SettingsFacts): DeploymentFinding[] {
  const { enabled, missingSecrets, namedTokens, hasAccessRoles, accessKeys } = settings;
  const found: DeploymentFinding[] = [
    ...judgeVars(settings),
    enabled
      ? { check: "kill_switch", outcome: "on", detail: "runs may send" }
      : { check: "kill_switch", outcome: "off", detail: "no run starts, and every run is suspended" },
    missingSecrets.length === 0
      ? { check: "secrets", outcome: "set", detail: "the secrets of the receiver are set" }
      : {
          check: "secrets",
          outcome: "missing",
          detail: `not set: ${missingSecrets.join(", ")}, and no RECEIVER`,
        },
    judgeAutoReplay(settings),
  ];
  const names = [
    ...(namedTokens > 0 ? [`tokens with a name: ${namedTokens}`] : []),
    ...(hasAccessRoles ? ["Access gives roles"] : []),
  ];
  found.push(
    names.length > 0
      ? { check: "callers", outcome: "named", detail: names.join("; ") }
      : {
          check: "callers",
          outcome: "shared",
          detail: "all callers share API_TOKEN, which has the role operator",
        },
  );
  if (accessKeys === null) found.push({ check: "access", outcome: "unused", detail: "Access is not set up" });
  else if (accessKeys === "fetched")
    found.push({ check: "access", outcome: "reachable", detail: "the keys of the team were fetched" });
  else
    found.push({ check: "access", outcome: "unreachable", detail: "the keys of the team were not fetched" });
  return found;
}

/** The markers of the live worker show nothing about a receiver other than the partner. */
function judgeAutoReplay({ autoReplay, receiverKind }: SettingsFacts): DeploymentFinding {
  const check = "auto_replay" as const;
  if (autoReplay === "off") return { check, outcome: "off", detail: "AUTO_REPLAY is off" };
  const detail = `AUTO_REPLAY is ${autoReplay}`;
  return receiverKind === "http"
    ? { check, outcome: "other_receiver", detail: `${detail}, and RECEIVER is set` }
    : { check, outcome: "watches", detail };
}

export function judgeObjects(objects: ObjectFacts, now: number): DeploymentFinding[] {
  const silent = (["registry", "coverage", "notifier"] as const).filter((name) => objects[name] === null);
  return [
    ...judgeChannels(objects),
    silent.length === 0
      ? { check: "objects", outcome: "answer", detail: "registry, coverage and notifier answer" }
      : { check: "objects", outcome: "silent", detail: `no answer: ${silent.join(", ")}` },
    ...objects.queues.map((queue) => judgeQueue(queue, now)),
  ];
}

function judgeChannels({ channels: { names, faults } }: ObjectFacts): DeploymentFinding[] {
  const check = "channels" as const;
  if (faults.length > 0)
    return faults.map(({ name, detail }) => ({ check, outcome: "unusable", detail: `${name}: ${detail}` }));
  if (names.length === 0) return [{ check, outcome: "none", detail: "no channel is set" }];
  return [{ check, outcome: "usable", detail: `channels: ${names.join(", ")}` }];
}

function judgeQueue({ binding, backlog }: QueueFacts, now: number): DeploymentFinding {
  const check = "queues" as const;
  if (backlog === null)
    return { check, outcome: "unknown", detail: `${binding}: the platform does not show the backlog` };
  const { messages, oldestAt } = backlog;
  const ageMs = messages === 0 || oldestAt === null ? 0 : now - oldestAt;
  const detail = `${binding}: ${messages} messages wait`;
  if (ageMs <= STUCK_MS) return { check, outcome: "moving", detail };
  const minutes = Math.floor(ageMs / 60_000);
  return { check, outcome: "stuck", detail: `${detail}, the oldest for ${minutes} minutes` };
}
