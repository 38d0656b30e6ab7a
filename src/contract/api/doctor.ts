// The schema of GET /doctor's answer.
import * as v from "valibot";
import { DOCTOR_LEVELS } from "../doctor.ts";
import { InstantText, Text, TextOrNull, about } from "./shapes.ts";

const Level = v.picklist(DOCTOR_LEVELS);

const Line = v.strictObject({
  check: about(Text, "The name of the check."),
  outcome: about(Text, "What the check found, as a code."),
  level: Level,
  detail: about(
    Text,
    "What the check found, for people. It contains no secret, no URL and no content of a log.",
  ),
  remedy: about(TextOrNull, "What to do about the finding. Null: nothing."),
});

export const DoctorAnswer = v.strictObject({
  as_of: about(InstantText, "The clock of the Worker."),
  worst: about(Level, "The most serious level of all lines."),
  lines: v.array(Line),
});
export type DoctorAnswer = v.InferOutput<typeof DoctorAnswer>;
