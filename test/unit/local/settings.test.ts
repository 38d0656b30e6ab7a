// Tests what `npm run dev` prints about its settings.
import { describe, expect, it } from "vitest";
import { nextSteps, settingsOf, warningsOf } from "../../../local/dev/settings.ts";

const OURS = { main: `${import.meta.dirname}/../../../src/index.ts`, vars: { BACKFILL_ENABLED: "true" } };
const SECRETS = {
  CTYUN_ENDPOINT: "http://127.0.0.1:1",
  CTYUN_URI_EDGE: "/log/edge",
  CTYUN_PRIVATE_KEY: "key",
  API_TOKEN: "token",
};

describe("the settings of a local run", () => {
  it("refuses a name that is close to a known one, in the flags and in the configuration", () => {
    const meant = "was MAX_LINES_PER_SECOND meant?";
    expect(() => settingsOf(OURS, { MAX_LINES_PER_SECONDS: "5" })).toThrow(meant);
    const config = { ...OURS, vars: { MAX_LINE_PER_SECOND: "5" } };
    expect(() => settingsOf(config, {})).toThrow(meant);
    expect(settingsOf(OURS, SECRETS).vars).toMatchObject(SECRETS);
  });

  it("knows nothing of another Worker's vars", () => {
    const settings = settingsOf({ ...OURS, main: "elsewhere.ts" }, { MAX_LINES_PER_SECONDS: "5" });
    expect(warningsOf(settings)).toEqual([]);
  });

  it("warns of missing secrets and of vars that cannot be used, and never shows a value", () => {
    expect(warningsOf(settingsOf(OURS, {}))).toMatchObject([
      "API_TOKEN is not set: everything but /health answers 403",
      "CTYUN_ENDPOINT, CTYUN_URI_EDGE, CTYUN_PRIVATE_KEY not set, and no RECEIVER: no run can be started",
      expect.stringContaining("--var KEY:VALUE"),
    ]);
    expect(warningsOf(settingsOf(OURS, { ...SECRETS, BATCH_SIZE: "secret" }))).toEqual([
      "BATCH_SIZE: expected a whole number from 100 to 5000; until then the API answers 500",
    ]);
    expect(warningsOf(settingsOf(OURS, SECRETS))).toEqual([]);
    // RECEIVER stands in the place of the partner's three secrets.
    const other = { API_TOKEN: "t", RECEIVER: '{"url":"https://logs.example.com/in"}' };
    expect(warningsOf(settingsOf(OURS, other))).toEqual([]);
  });

  it("proposes a run over the logs that were loaded, without the token's value", () => {
    const keys = ["logs/20260305/20260305T140000Z_20260305T140500Z_a.log.gz", "logs/20260305/20260305T150000Z_b.log.gz", "x"]; // prettier-ignore
    const lines = nextSteps("http://127.0.0.1:1", settingsOf(OURS, SECRETS), keys).join("\n");
    expect(lines).toContain(`-d '{"start":"2026-03-05T14:00:00Z","end":"2026-03-05T15:00:00Z"}'`);
    expect(lines).toContain("$API_TOKEN");
  });

  it("names the page's address, with the token that was given", () => {
    const pageOf = (given: Record<string, string>) =>
      nextSteps("http://127.0.0.1:1", settingsOf(OURS, given), [])[0];
    expect(pageOf({ API_TOKEN: "a b#/&" })).toBe("page: http://127.0.0.1:1/ui/#token=a%20b%23%2F%26");
    expect(pageOf({})).toBe("page: http://127.0.0.1:1/ui/");
  });
});
