// `npm run deploy`: builds, checks this clone, tests the configuration, and deploys. The first step that fails ends
// the command.
import { spawnSync } from "node:child_process";
import { resolve } from "node:path";
import { deploySteps } from "./deploy/deploy-steps.ts";

const PROJECT_DIR = resolve(import.meta.dirname, "..");
const USAGE = `usage: npm run deploy -- [--dry-run] [flags of wrangler deploy]
  builds, runs npm run doctor, tests the configuration, then runs wrangler deploy
  --dry-run  deploys nothing; needs neither an account nor a network`;

const args = process.argv.slice(2);
if (args.includes("--help")) {
  console.log(USAGE);
} else {
  const isDryRun = args.includes("--dry-run");
  process.exitCode = deploy(
    isDryRun,
    args.filter((one) => one !== "--dry-run"),
  );
}

/** The exit code of the first step that fails, else 0. */
function deploy(isDryRun: boolean, passedOn: readonly string[]): number {
  const env = {
    WRANGLER_HIDE_BANNER: "true",
    ...process.env,
    ...(isDryRun && { WRANGLER_SEND_METRICS: "false" }),
  };
  for (const step of deploySteps({ isDryRun, passedOn })) {
    console.error(`--- ${step.name}`);
    const { status } = spawnSync(process.execPath, step.args, { cwd: PROJECT_DIR, env, stdio: "inherit" });
    if (status === 0) continue;
    console.error(`deploy: "${step.name}" failed, and nothing was deployed`);
    return status ?? 1;
  }
  return 0;
}
