// The checks of the doctor as text for docs/reference/doctor.md.
import type { DeclaredChecks } from "../../src/contract/doctor.ts";
import { DEPLOYMENT_CHECKS } from "../../src/http/doctor/checks.ts";
import { PROJECT_CHECKS } from "../doctor/checks.ts";
import { markdownTable } from "./markdown-table.ts";

export function checksText(checks: DeclaredChecks): string {
  const sections = Object.entries(checks).map(([name, { question, outcomes }]) => {
    const rows = Object.entries(outcomes).map(([outcome, { level, remedy }]) => [
      `\`${outcome}\``,
      level,
      remedy ?? "",
    ]);
    return `### \`${name}\`\n\n${question}\n\n${markdownTable([["outcome", "level", "remedy"], ...rows])}`;
  });
  return sections.join("\n\n");
}

export function projectChecks(): string {
  return checksText(PROJECT_CHECKS);
}

export function deploymentChecks(): string {
  return checksText(DEPLOYMENT_CHECKS);
}
