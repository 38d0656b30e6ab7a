// The way into production: the order of the steps, and the two places of wrangler.toml that a newcomer edits.
import { existsSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { deploySteps } from "../../../local/deploy/deploy-steps.ts";

describe("npm run deploy", () => {
  it("checks and tests before it deploys", () => {
    const names = deploySteps({ isDryRun: false, passedOn: [] }).map(({ name }) => name);
    expect(names).toEqual(["build", "doctor", "tests of the configuration", "wrangler deploy"]);
  });

  it("asks no account in a dry run, and passes flags on to wrangler", () => {
    const steps = deploySteps({ isDryRun: true, passedOn: ["--var", "BACKFILL_ENABLED:false"] });
    expect(steps[1]?.args).toContain("--offline");
    expect(steps[3]?.args.slice(1)).toEqual(["deploy", "--dry-run", "--var", "BACKFILL_ENABLED:false"]);
    const real = deploySteps({ isDryRun: false, passedOn: [] });
    expect(real.flatMap(({ args }) => args)).not.toContain("--dry-run");
    expect(real[1]?.args).not.toContain("--offline");
  });

  it("names files that exist", () => {
    const files = deploySteps({ isDryRun: false, passedOn: [] })
      .flatMap(({ args }) => args)
      .filter((one) => /\.(ts|mjs|js)$/.test(one));
    expect(files.filter((file) => !existsSync(file))).toEqual([]);
  });
});

describe("wrangler.toml", () => {
  const lines = readFileSync("wrangler.toml", "utf8").split("\n");
  const places = lines.flatMap((line, n) => (/^# EDIT \d of 2: /.test(line) ? [n] : []));

  it("marks two places, and says so at its top", () => {
    expect(places).toHaveLength(2);
    expect(lines.slice(0, 8).join("\n")).toContain('search for "EDIT"');
  });

  it("has the bucket below the first mark, and the vars below the second", () => {
    const below = places.map((place) =>
      lines.slice(place).find((line) => !line.startsWith("#") && line !== ""),
    );
    expect(below[0]).toBe("[[r2_buckets]]");
    expect(below[1]).toBe("[vars]");
  });

  it("has no other name of an account, a bucket, a host or a receiver", () => {
    const code = lines.filter((line) => !line.startsWith("#")).join("\n");
    expect(code.match(/bucket_name|account_id|routes?\b|zone_|https?:/g)).toEqual(["bucket_name"]);
  });
});
