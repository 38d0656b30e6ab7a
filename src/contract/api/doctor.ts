// The schema of GET /doctor's answer.
import * as v from "valibot";
import type { DoctorLevel as LevelName } from "../doctor.ts";
import { InstantText, Text, TextOrNull, about, codes, named } from "./shapes.ts";

export const DoctorLevel = codes<LevelName>("DoctorLevel", "How serious a finding is.", {
  ok: "Nothing needs to be done.",
  warning: "A person must judge the finding.",
  fault: "The finding breaks runs or the API.",
});

const Line = v.strictObject({
  check: about(Text, "The name of the check. docs/reference/doctor.md lists all checks."),
  outcome: about(Text, "What the check found, as a code."),
  level: about(DoctorLevel, "How serious this finding is."),
  detail: about(Text, "What the check found, for people, without secrets, URLs and contents of logs."),
  remedy: about(TextOrNull, "What to do about the finding. Null: nothing."),
});

export const DoctorAnswer = named(
  "DoctorAnswer",
  "What the doctor found about the deployment.",
  v.strictObject({
    as_of: about(InstantText, "The clock of the Worker."),
    worst: about(DoctorLevel, "The most serious level of all lines."),
    lines: about(v.array(Line), "The findings. With a bad var or secret, only the findings about vars."),
  }),
);
export type DoctorAnswer = v.InferOutput<typeof DoctorAnswer>;
