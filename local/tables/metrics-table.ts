// Makes the table of the metrics for the documents.
import { FAMILIES } from "../../src/http/metrics/families.ts";
import { markdownTable } from "./markdown-table.ts";

export function metricsTable(): string {
  const rows = FAMILIES.map(({ name, type, labels, help }) => {
    const all = type === "histogram" ? [...labels, "le"] : labels;
    return [`\`${name}\``, type, all.map((label) => `\`${label}\``).join(", "), help];
  });
  return markdownTable([["metric", "type", "labels", "meaning"], ...rows]);
}
