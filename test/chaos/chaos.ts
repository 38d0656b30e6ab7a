// `npm run test:chaos -- --seed N --minutes M`: seeded chaos runs of the whole stack, one after the other, until the
// time is over. Each run has its own process, so that another run cannot delay its receiver. Prints a line per run
// and the totals. The exit code is 1 when a run did something that it must never do. `--only I` plays one scenario
// again, `--show I` prints it.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { endWithParent, flagsOf, readFlags, UsageError, wholeNumberFlag } from "../../local/command-line.ts";
import { NAMED } from "../support/chaos-named.ts";
import { playScenario, type ChaosResult } from "../support/chaos-play.ts";
import { scenarioOf, type Scenario } from "../support/chaos-scenario.ts";

const USAGE = `usage: npm run test:chaos -- [--seed N] [--minutes M] [--parallel P] [--only I | --show I | --named NAME]
  --seed N      default 1; the same seed gives the same scenarios
  --minutes M   no new run begins after so long (default 3); those under way end
  --parallel P  runs at once (default 1): more of them wait, and share the machine
  --only I      the scenario with this index, once
  --show I      prints it
  --help        this
  --named NAME  ${Object.keys(NAMED).join(" | ")}`;

/** Every wait inside a chaos run has its own limit. This limit ends a run that hangs although these limits exist. */
const RUN_LIMIT_MS = 15 * 60_000;
const RESULT = "RESULT ";

function readOptions(args: string[]) {
  const values = readFlags(args, {
    seed: { type: "string", default: "1" },
    minutes: { type: "string", default: "3" },
    parallel: { type: "string", default: "1" },
    only: { type: "string" },
    show: { type: "string" },
    named: { type: "string" },
    child: { type: "boolean", default: false },
  });
  if (!/^\d{1,4}(\.\d+)?$/.test(values.minutes)) {
    throw new UsageError(`--minutes needs a number, not "${values.minutes}"`);
  }
  if (values.named !== undefined && !Object.hasOwn(NAMED, values.named)) {
    throw new UsageError(`--named: there is no "${values.named}", only ${Object.keys(NAMED).join(", ")}`);
  }
  const [flag, index] = values.only === undefined ? ["--show", values.show] : ["--only", values.only];
  return {
    seed: wholeNumberFlag("--seed", values.seed),
    minutes: Number(values.minutes),
    parallel: wholeNumberFlag("--parallel", values.parallel, 1),
    index: index === undefined ? null : wholeNumberFlag(flag, index),
    named: values.named,
    isShow: values.show !== undefined,
    isChild: values.child,
  };
}

async function playInChild(seed: number, index: number): Promise<ChaosResult> {
  const args = [import.meta.filename, "--seed", String(seed), "--only", String(index), "--child"];
  const child = spawn(process.execPath, args, { stdio: ["pipe", "pipe", "inherit"] });
  const limit = setTimeout(() => child.kill("SIGKILL"), RUN_LIMIT_MS);
  let result: ChaosResult | null = null;
  createInterface({ input: child.stdout }).on("line", (line) => {
    if (line.startsWith(RESULT)) result = JSON.parse(line.slice(RESULT.length)) as ChaosResult;
    else console.log(line);
  });
  const [code] = (await once(child, "close")) as [number | null];
  clearTimeout(limit);
  return result ?? { ...emptyResult(), findings: [`its process ended with ${code} and no result`] };
}

function emptyResult(): ChaosResult {
  const none = { kills: 0, faults: {}, lines: 0, kept: 0, requests: 0, repeated: 0, named: 0, runs: 0 };
  return { ...none, findings: [], peakShare: null, settleMs: 0, kept_in: null };
}

function show(scenario: Scenario, ms: number, one: ChaosResult): void {
  const { seed, index } = scenario;
  const faults = Object.entries(one.faults).map(([name, count]) => (count > 1 ? `${name}×${count}` : name));
  const parts = [
    seed === 0 ? "named" : `seed ${seed} #${index}`,
    `${one.kept} of ${one.lines} lines kept`,
    `${one.requests} requests`,
    faults.join(" ") || "no fault",
    `repeated ${one.repeated} ≤ ${one.named} named`,
    one.peakShare === null ? "no cap" : `busiest second ${(one.peakShare * 100).toFixed(0)} % of the cap`,
    `${(ms / 1_000).toFixed(0)} s, settled after ${(one.settleMs / 1_000).toFixed(0)} s`,
  ];
  console.log(`${one.findings.length === 0 ? "ok  " : "FAIL"} ${parts.join("; ")}`);
  if (one.findings.length === 0) return;
  for (const finding of one.findings) console.log(`     ${finding}`);
  if (seed > 0) console.log(`     again: npm run test:chaos -- --seed ${seed} --only ${index}`);
  if (one.kept_in !== null) console.log(`     logs, state and scenario: ${one.kept_in}`);
  console.log(`     ${JSON.stringify(scenario)}`);
}

async function playUntil(seed: number, deadline: number, parallel: number): Promise<ChaosResult[]> {
  const results: ChaosResult[] = [];
  let next = 0;
  const lane = async () => {
    while (Date.now() < deadline) {
      const index = next;
      next += 1;
      const startedAt = Date.now();
      const result = await playInChild(seed, index);
      results.push(result);
      show(scenarioOf(seed, index), Date.now() - startedAt, result);
    }
  };
  await Promise.all(Array.from({ length: parallel }, lane));
  return results;
}

function totalsOf(results: ChaosResult[]): string {
  const sum = (of: (one: ChaosResult) => number) => results.reduce((total, one) => total + of(one), 0);
  const faults: Record<string, number> = {};
  for (const one of results) {
    for (const [name, count] of Object.entries(one.faults)) faults[name] = (faults[name] ?? 0) + count;
  }
  const named = Object.entries(faults).sort(([a], [b]) => (a < b ? -1 : 1));
  return [
    `${results.length} scenarios, ${sum((one) => one.runs)} runs, ${sum((one) => one.kills)} kills, ` +
      `${named.reduce((total, [, count]) => total + count, 0)} faults and commands injected`,
    `  ${named.map(([name, count]) => `${name} ${count}`).join(", ")}`,
    `${sum((one) => one.lines)} lines read and ${sum((one) => one.kept)} delivered lines checked, ` +
      `${sum((one) => one.requests)} requests; ${sum((one) => one.repeated)} lines came again, ` +
      `${sum((one) => one.named)} are named`,
    `${sum((one) => one.findings.length)} violations in ` +
      `${results.filter((one) => one.findings.length > 0).length} scenarios`,
  ].join("\n");
}

function chosen({ seed, index, named }: ReturnType<typeof readOptions>): Scenario | null {
  if (named === undefined) return index === null ? null : scenarioOf(seed, index);
  return NAMED[named] ?? null;
}

async function main(): Promise<number> {
  const flags = flagsOf({ name: "test:chaos", usage: USAGE }, readOptions);
  endWithParent();
  const scenario = chosen(flags);
  if (scenario !== null && flags.isShow) {
    console.log(JSON.stringify(scenario, null, 1));
    return 0;
  }
  if (scenario !== null) {
    // The parent process is gone. The processes that this one started ended with it.
    if (flags.isChild) process.stdin.on("end", () => process.exit(1)).resume();
    const startedAt = Date.now();
    const result = await playScenario(scenario);
    if (flags.isChild) console.log(RESULT + JSON.stringify(result));
    else show(scenario, Date.now() - startedAt, result);
    return result.findings.length === 0 ? 0 : 1;
  }
  const results = await playUntil(flags.seed, Date.now() + flags.minutes * 60_000, flags.parallel);
  console.log(totalsOf(results));
  return results.some((one) => one.findings.length > 0) ? 1 : 0;
}

try {
  process.exitCode = await main();
  if (process.argv.includes("--child")) process.stdin.destroy();
} catch (error) {
  console.error(`test:chaos: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
}
