// Runs one chaos scenario and judges its result. Keeps files that explain a failure.
import { ChaosRun } from "./chaos-run.ts";
import { kill, takeStep } from "./chaos-steps.ts";
import { ChaosFinding } from "./chaos-operator.ts";
import { judge } from "./chaos-oracle.ts";
import type { Scenario } from "./chaos-scenario.ts";
import { ChaosStack } from "./chaos-stack.ts";

export interface ChaosResult {
  findings: string[];
  kills: number;
  faults: Record<string, number>;
  lines: number;
  kept: number;
  requests: number;
  repeated: number;
  named: number;
  runs: number;
  /** The lines of the busiest second divided by the cap. Only for a run with a cap. */
  peakShare: number | null;
  /** The time from the mending of the receiver to the delivery of the run. */
  settleMs: number;
  /** The directory with files that explain a failure. */
  kept_in: string | null;
}

export async function playScenario(scenario: Scenario): Promise<ChaosResult> {
  const stack = await ChaosStack.start(scenario);
  const run = new ChaosRun(stack, scenario, { takeStep, kill });
  const findings: string[] = [];
  try {
    await run.play();
    findings.push(...judge(run.evidence()));
  } catch (error) {
    findings.push(error instanceof ChaosFinding ? error.message : String((error as Error).stack ?? error));
  }
  findings.unshift(...run.findings);
  if (stack.rawLogsChanged > 0) findings.push(`${stack.rawLogsChanged} raw logs were changed or deleted`);
  const { tally } = stack.receiver;
  const result: ChaosResult = {
    findings,
    kills: (run.faults["kill"] ?? 0) + (run.faults["kill_top"] ?? 0),
    faults: run.faults,
    lines: stack.files.reduce((sum, { lines }) => sum + lines, 0),
    kept: stack.files.reduce((sum, { kept }) => sum + kept, 0),
    requests: tally.requests.length,
    repeated: tally.stats().duplicate_lines,
    named: run.accounts.reduce(
      (sum, { status }) => sum + status.duplicate_lines + status.possible_duplicate_lines,
      0,
    ),
    runs: Math.max(1, run.accounts.length),
    peakShare: scenario.cap === null ? null : tally.stats().peak_lines_per_second.by_headers / scenario.cap,
    settleMs: run.settleMs,
    kept_in: findings.length > 0 ? stack.dir : null,
  };
  const left = {
    "scenario.json": JSON.stringify(scenario, null, 1),
    "findings.txt": findings.join("\n"),
    "accounts.json": JSON.stringify(run.accounts),
  };
  await stack.end(findings.length > 0 ? left : null);
  return result;
}
