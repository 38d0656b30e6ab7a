// The schema of GET /system's answer: the settings of the deployment. It names secrets and never shows their values.
import * as v from "valibot";
import { Role } from "./access.ts";
import { Flag, RunIdText, Text, TextOrNull, about, codes, named } from "./shapes.ts";

/** The possible texts of `applies`: which runs get the new value when a var changes. */
export const REACHES = ["every run", "new runs", "new runs; PATCH"] as const;

export const Reach = codes<(typeof REACHES)[number]>("Reach", "Which runs a change of a var reaches.", {
  "every run": "All runs get the new value.",
  "new runs": "Only runs that start later get the new value.",
  "new runs; PATCH": "Only runs that start later get the new value. `PATCH` changes it for a started run.",
});

const SystemVar = v.strictObject({
  name: about(Text, "The name of the var."),
  value: about(TextOrNull, "The value that was set, or the default. Null: the var is off, or is not shown."),
  shown: about(Flag, "False: the value may name people or hosts, or is free text."),
  set: about(Flag, "True: the deployment sets the var."),
  applies: about(Reach, "Which runs a change of the var reaches."),
});
export type SystemVar = v.InferOutput<typeof SystemVar>;

export const SystemAnswer = named(
  "SystemAnswer",
  "What the deployment is set to.",
  v.strictObject({
    receiver_id: about(Text, "The var RECEIVER_ID."),
    enabled: about(Flag, "The kill switch. False: no run starts, and every run is suspended."),
    missing_secrets: about(
      v.array(Text),
      "Secrets of the receiver that are not set. While one is missing, no run can be started.",
    ),
    slot_holder: about(
      v.nullable(RunIdText),
      "The only run that may send, because it has the receiver's slot. Null: the slot is free.",
    ),
    vars: about(v.array(SystemVar), "Every var that the Worker reads."),
    secrets: about(
      v.array(
        v.strictObject({
          name: about(Text, "The name of the secret."),
          set: about(Flag, "True: the deployment has the secret."),
        }),
      ),
      "Every secret that the Worker reads, without its value.",
    ),
    tokens: about(
      v.array(
        v.strictObject({
          name: about(Text, "The name of the token."),
          role: about(Role, "What a caller with this token may do."),
        }),
      ),
      "The tokens in API_TOKENS.",
    ),
  }),
);
export type SystemAnswer = v.InferOutput<typeof SystemAnswer>;
