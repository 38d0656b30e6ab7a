// The doctor's lines as text.
import type { DoctorLine } from "../../src/contract/doctor.ts";

export function textOf(lines: readonly DoctorLine[]): string {
  return lines
    .flatMap(({ level, check, detail, remedy }) => [
      `${level.padEnd(7)}  ${check.padEnd(16)}  ${detail}`,
      ...(remedy === null ? [] : [`${"".padEnd(27)}→ ${remedy}`]),
    ])
    .join("\n");
}
