// GET /system: what this deployment is set to. A secret is listed by its name, and its value is never shown. A var is
// shown only when its kind cannot contain text about people, hosts or the receiver.
import type { SystemAnswer, SystemReceiver, SystemVar } from "../../contract/api/api-types.ts";
import { shownReceiver } from "../../contract/receivers.ts";
import { RECEIVER_SECRETS, type Config } from "../../platform/config.ts";
import { configFor } from "../../platform/receiver-config.ts";
import type { Env } from "../../platform/env.ts";
import { ROLES_BY_NAME } from "../../platform/role-kinds.ts";
import {
  AUDIENCE, BINDING_ROLES, ORIGIN, PATTERN, TEAM_DOMAIN, TEXT, URI, type VarKind,
} from "../../platform/var-kinds.ts"; // prettier-ignore
import { SECRETS, VARS, type DeclaredVar, type SecretName, type VarName } from "../../platform/vars.ts";
import { answer, type HttpContext } from "../context.ts";
import { refuseParameters } from "../requests/list-query.ts";
import { problem } from "../problems/problems.ts";
import { allRegistries, type ReceiverRegistry } from "../registries.ts";
import type { RunRoute } from "../runs/run-route.ts";

/** The values of these kinds are not shown. They contain names of people, Workers or hosts, or are free text into
 * which a person may have pasted a secret. */
const NOT_SHOWN: ReadonlySet<VarKind> = new Set<VarKind>([
  AUDIENCE,
  BINDING_ROLES,
  ORIGIN,
  PATTERN,
  ROLES_BY_NAME,
  TEAM_DOMAIN,
  TEXT,
  URI,
]);

export async function showSystem({ url }: RunRoute, context: HttpContext): Promise<Response> {
  const parameters = refuseParameters(new URL(url).searchParams);
  if (parameters) return problem(parameters);
  const { env, config } = context;
  const receivers = await Promise.all((await allRegistries(context)).map((one) => receiverView(one, config)));
  const view: SystemAnswer = {
    receiver_id: config.receiverId,
    enabled: config.enabled,
    missing_secrets: RECEIVER_SECRETS.filter((name) => config.missingSecrets.includes(name)),
    slot_holder: receivers[0]?.slot_holder ?? null,
    receivers,
    vars: Object.entries<DeclaredVar>(VARS).map(([name, declared]) => varOf(name as VarName, declared, env)),
    secrets: Object.keys(SECRETS).map((name) => ({ name, set: isSet(env, name as SecretName) })),
    tokens: config.apiTokens.map(({ name, role }) => ({ name, role })),
  };
  return answer(200, view);
}

async function receiverView(
  { receiver: name, registry }: ReceiverRegistry,
  deployment: Config,
): Promise<SystemReceiver> {
  const { receiver, maxLinesPerSecond } = configFor(deployment, name);
  return {
    name: shownReceiver(name),
    kind: receiver?.kind ?? null,
    max_lines_per_second: receiver === null ? null : maxLinesPerSecond,
    slot_holder: await registry.slotHolder(),
  };
}

function varOf(name: VarName, declared: DeclaredVar, env: Env): SystemVar {
  const shown = !NOT_SHOWN.has(declared.kind);
  const set = isSet(env, name);
  const applies = declared.applies === "new runs; `PATCH`" ? "new runs; PATCH" : declared.applies;
  return { name, value: shown ? (set ? (env[name] ?? null) : declared.default) : null, shown, set, applies };
}

/** The platform may pass on an empty text for a var that was removed. */
function isSet(env: Env, name: VarName | SecretName): boolean {
  return (env[name] ?? "") !== "";
}
