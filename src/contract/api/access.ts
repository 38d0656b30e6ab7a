// The schemas of the answers about the caller and about the deployment's health.
import * as v from "valibot";
import { ROLES } from "../roles.ts";
import { Flag, Text, TextOrNull, about } from "./shapes.ts";

export const MeAnswer = v.strictObject({
  actor: about(Text, "The actor that is recorded with each change of this caller."),
  role: v.nullable(v.picklist(ROLES)),
  signed_in_by: about(v.picklist(["token", "access"]), "What gave the role."),
  token: about(TextOrNull, "The name in API_TOKENS, or `API_TOKEN`. Null with Access."),
});
export type MeAnswer = v.InferOutput<typeof MeAnswer>;

export const HealthAnswer = v.strictObject({ ok: about(Flag, "False: a var or a secret cannot be used.") });
export type HealthAnswer = v.InferOutput<typeof HealthAnswer>;
