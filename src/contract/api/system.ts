// The schema of GET /system's answer: the settings of the deployment. It names secrets and never shows their values.
import * as v from "valibot";
import { RECEIVER_KINDS } from "../receivers.ts";
import { Role } from "./access.ts";
import {
  CountOrNull,
  Flag,
  ReceiverText,
  RunIdText,
  Text,
  TextOrNull,
  about,
  codes,
  named,
} from "./shapes.ts";

/** The possible texts of `applies`: which runs get the new value when a var changes. */
export const REACHES = ["every run", "new runs", "new runs; PATCH"] as const;

export const Reach = codes<(typeof REACHES)[number]>("Reach", "Which runs a change of a var reaches.", {
  "every run": "All runs get the new value.",
  "new runs": "Only runs that start later get the new value.",
  "new runs; PATCH": "Only runs that start later get the new value. `PATCH` changes it for a started run.",
});

export const SystemReceiver = named(
  "SystemReceiver",
  "A receiver of the deployment, without its secrets.",
  v.strictObject({
    name: about(ReceiverText, "The name that requests use."),
    kind: about(
      v.nullable(v.picklist(RECEIVER_KINDS)),
      "How requests are made: `ctyun` or `http`. Null: the deployment has no settings for the receiver.",
    ),
    max_lines_per_second: about(
      CountOrNull,
      "The cap of its runs. Null: the deployment has no settings for the receiver.",
    ),
    slot_holder: about(
      v.nullable(RunIdText),
      "The only run that may send to the receiver. Null: the slot is free.",
    ),
  }),
);
export type SystemReceiver = v.InferOutput<typeof SystemReceiver>;

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
      "Secrets of the receiver `default` that are not set. While one is missing, it can start no run.",
    ),
    slot_holder: about(
      v.nullable(RunIdText),
      "The run that has the slot of the receiver `default`. Null: the slot is free.",
    ),
    receivers: about(
      v.array(SystemReceiver),
      "All receivers that the deployment has or had. The receiver `default` comes first.",
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
