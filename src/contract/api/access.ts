// The schemas of the answers about the caller and about the deployment's health.
import * as v from "valibot";
import type { Role as RoleName } from "../roles.ts";
import { Flag, Text, TextOrNull, about, codes, named } from "./shapes.ts";

export const Role = codes<RoleName>("Role", "What a caller may do.", {
  metrics: "The caller may read `GET /metrics`, and nothing else.",
  viewer: "The caller may read everything.",
  operator: "The caller may read and change everything.",
});

export const MeAnswer = named(
  "MeAnswer",
  "Who the caller is, and what the caller may do.",
  v.strictObject({
    actor: about(Text, "The actor that is recorded with each change of this caller."),
    role: about(v.nullable(Role), "The caller's role. Null: the caller has no role."),
    signed_in_by: about(
      v.picklist(["token", "access"]),
      "What gave the role: `token`, a Bearer token, or `access`, a session of Cloudflare Access.",
    ),
    token: about(TextOrNull, "The name in API_TOKENS, or `API_TOKEN`. Null with Access."),
  }),
);
export type MeAnswer = v.InferOutput<typeof MeAnswer>;

export const HealthAnswer = named(
  "HealthAnswer",
  "Whether the deployment is set up correctly.",
  v.strictObject({ ok: about(Flag, "False: a var or a secret cannot be used.") }),
);
export type HealthAnswer = v.InferOutput<typeof HealthAnswer>;
