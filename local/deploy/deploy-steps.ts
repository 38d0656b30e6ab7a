// The steps of `npm run deploy`, in their order. Does no I/O.

export interface DeployStep {
  name: string;
  /** Arguments for Node, relative to the project. */
  args: readonly string[];
}

/** These tests read the configuration. They take seconds. */
const CONFIGURATION_TESTS = [
  "test/unit/config.test.ts",
  "test/unit/tables.test.ts",
  "test/unit/misspelt-vars.test.ts",
  "test/unit/doctor/judge-project.test.ts",
  "test/unit/local/deploy.test.ts",
];

/** `passedOn` are further flags for `wrangler deploy`. A dry run needs neither an account nor a network. */
export function deploySteps({
  isDryRun,
  passedOn,
}: {
  isDryRun: boolean;
  passedOn: readonly string[];
}): DeployStep[] {
  const vitest = "node_modules/vitest/vitest.mjs";
  const wrangler = "node_modules/wrangler/bin/wrangler.js";
  return [
    { name: "build", args: ["local/build.ts"] },
    { name: "doctor", args: ["local/doctor.ts", ...(isDryRun ? ["--offline"] : [])] },
    {
      name: "tests of the configuration",
      args: [vitest, "run", "--project", "unit", ...CONFIGURATION_TESTS],
    },
    { name: "wrangler deploy", args: [wrangler, "deploy", ...(isDryRun ? ["--dry-run"] : []), ...passedOn] },
  ];
}
