// The configuration for the runs of one receiver. Code that works for one run or one registry reads this configuration,
// so that it cannot use the settings of another receiver. Does no I/O.
import { shownReceiver, type ReceiverKind } from "../contract/receivers.ts";
import type { AnswerRule } from "../receivers/answer-rule.ts";
import type { Config } from "./config.ts";

/** The configuration as if the deployment had only the receiver `name`. Null: the first receiver. If RECEIVERS has no
 * such receiver, the result has no receiver at all. */
export function configFor(config: Config, name: string | null): Config {
  if (name === null) return config;
  const named = config.namedReceivers.get(name);
  if (named === undefined) {
    const receivers = { ctyun: null, http: null };
    return { ...config, receiverName: name, receiver: null, receivers, missingSecrets: ["RECEIVERS"] };
  }
  const { receiver } = named;
  const maxLinesPerSecond = named.maxLinesPerSecond ?? config.maxLinesPerSecond;
  return {
    ...config,
    receiverName: name,
    receiver,
    receivers: {
      ctyun: receiver.kind === "ctyun" ? receiver : null,
      http: receiver.kind === "http" ? receiver : null,
    },
    missingSecrets: [],
    maxLinesPerSecond,
    // A batch larger than the cap could never be sent.
    batchSize: Math.min(named.batchSize ?? config.batchSize, maxLinesPerSecond),
  };
}

/** Whether the deployment has settings for this receiver. */
export function hasReceiver(
  { namedReceivers }: Pick<Config, "namedReceivers">,
  name: string | null,
): boolean {
  return name === null || namedReceivers.has(name);
}

/** The names of all receivers, as the API shows them. The first receiver comes first. */
export function receiverNames({ namedReceivers }: Config): string[] {
  return [shownReceiver(null), ...namedReceivers.keys()];
}

/** Which 2xx of a receiver of this kind counts. Null: the run compares the answers with each other. */
export function answerRuleOf(
  { receivers, successPattern }: Pick<Config, "receivers" | "successPattern">,
  kind: ReceiverKind,
): AnswerRule | null {
  return (kind === "http" ? receivers.http?.success : null) ?? successPattern;
}

/** The names of the secrets that are missing for a receiver of this kind. */
export function missingFor(
  { receivers, receiverName, missingSecrets }: Pick<Config, "receivers" | "receiverName" | "missingSecrets">,
  kind: ReceiverKind,
): readonly string[] {
  if (receivers[kind] !== null) return [];
  if (receiverName !== null) return ["RECEIVERS"];
  return kind === "http" ? ["RECEIVER"] : missingSecrets;
}

/** Why a run of this kind cannot send. */
export function missingText(config: Config, kind: ReceiverKind): string {
  return config.receiverName === null
    ? `secrets are missing: ${missingFor(config, kind).join(", ")}`
    : `RECEIVERS has no receiver ${config.receiverName} of the kind ${kind}`;
}
