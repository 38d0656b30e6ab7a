// The schema of GET /system's answer: the settings of the deployment. It names secrets and never shows their values.
import * as v from "valibot";
import { ROLES } from "../roles.ts";
import { Flag, RunIdText, Text, TextOrNull, about } from "./shapes.ts";

/** The possible texts of `applies`: which runs get the new value when a var changes. */
export const REACHES = ["every run", "new runs", "new runs; PATCH"] as const;

const SystemVar = v.strictObject({
  name: Text,
  value: about(TextOrNull, "The value that was set, or the default. Null: the var is off, or is not shown."),
  shown: about(Flag, "False: the value may name people or hosts, or is free text."),
  set: about(Flag, "True: the deployment sets the var."),
  applies: about(v.picklist(REACHES), "Which runs a change of the var reaches."),
});
export type SystemVar = v.InferOutput<typeof SystemVar>;

export const SystemAnswer = v.strictObject({
  receiver_id: about(Text, "The var RECEIVER_ID."),
  enabled: about(Flag, "The kill switch. False: no run starts, and every run is suspended."),
  missing_secrets: about(
    v.array(Text),
    "Secrets of the receiver that are not set. While one is missing, no run can be started.",
  ),
  slot_holder: about(v.nullable(RunIdText), "The run that has the receiver's slot. Only this run may send."),
  vars: v.array(SystemVar),
  secrets: v.array(v.strictObject({ name: Text, set: Flag })),
  tokens: about(
    v.array(v.strictObject({ name: Text, role: v.picklist(ROLES) })),
    "The tokens in API_TOKENS.",
  ),
});
export type SystemAnswer = v.InferOutput<typeof SystemAnswer>;
