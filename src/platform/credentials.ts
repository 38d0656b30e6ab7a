// Who may use the API, read without the other settings. The API checks the caller first, because only an authenticated
// caller may learn which var is bad.
import * as v from "valibot";
import { apiTokenOf, type Access } from "./config.ts";
import type { Secrets, Vars } from "./env.ts";
import { rememberSettings } from "./remember-settings.ts";
import type { AccessRoles, NamedToken } from "./role-kinds.ts";
import { SECRETS, VARS } from "./vars.ts";

export interface Credentials {
  apiToken: string | null;
  tokens: readonly NamedToken[];
  access: Access | null;
  /** Null: Access identifies the actor of a change, but gives no caller a role. */
  accessRoles: AccessRoles | null;
}

const READ = ["API_TOKEN", "API_TOKENS", "ACCESS_TEAM_DOMAIN", "ACCESS_AUD", "ACCESS_ROLES"];

/** A setting that cannot be read lets no caller in. Authenticated callers then learn the name of this setting from
 * the problem `bad_configuration`. */
export const credentialsOf = rememberSettings<Vars & Secrets, Credentials>(READ, readCredentials);

function readCredentials(env: Vars & Secrets): Credentials {
  const teamDomain = valueOf(VARS.ACCESS_TEAM_DOMAIN.kind.schema, env.ACCESS_TEAM_DOMAIN);
  const audience = valueOf(VARS.ACCESS_AUD.kind.schema, env.ACCESS_AUD);
  const access = teamDomain && audience ? { teamDomain, audience } : null;
  return {
    apiToken: apiTokenOf(env),
    tokens: valueOf(SECRETS.API_TOKENS.kind.schema, env.API_TOKENS) ?? [],
    access,
    // Without a team no assertion can be verified.
    accessRoles: access && valueOf(VARS.ACCESS_ROLES.kind.schema, env.ACCESS_ROLES),
  };
}

/** Whether any credential gives access to the API. False: none can be read, so the API is closed. */
export function isOpen({ apiToken, tokens, accessRoles }: Credentials): boolean {
  return apiToken !== null || tokens.length > 0 || accessRoles !== null;
}

/** Null for an absent value and for one that cannot be read. */
function valueOf<T>(schema: v.GenericSchema<string, T>, value: unknown): T | null {
  const read = v.safeParse(schema, value ?? "");
  return read.success ? read.output : null;
}
