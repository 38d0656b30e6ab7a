// GET /system: what the deployment is set to, for every viewer, and no secret in it.
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import * as v from "valibot";
import { SystemAnswer } from "../../src/contract/api/system.ts";
import { SECRETS, VARS } from "../../src/platform/vars.ts";
import { ApiUnderTest } from "../support/api-under-test.ts";
import { wantedRun } from "../support/registry-fixtures.ts";
import { admitted } from "../support/registry-under-test.ts";

const api = new ApiUnderTest();
beforeEach(() => api.setUp());
afterEach(() => api.tearDown());

const SHA = "0123456789abcdef".repeat(4);
const PLANTED = "planted-secret";

function valueOf(answer: SystemAnswer, name: string) {
  return answer.vars.find((one) => one.name === name);
}

describe("GET /system", () => {
  it("names every var and secret, with defaults for what is not set", async () => {
    const { status, json } = await api.ask("/system", {
      env: { LOG_PREFIX: "raw/", LATE_MARGIN_MINUTES: undefined },
    });
    expect(status).toBe(200);
    const answer = v.parse(SystemAnswer, json);
    expect(answer.vars.map(({ name }) => name)).toEqual(Object.keys(VARS));
    expect(answer.secrets.map(({ name }) => name)).toEqual(Object.keys(SECRETS));
    expect(valueOf(answer, "LOG_PREFIX")).toMatchObject({ value: "raw/", set: true, applies: "new runs" });
    expect(valueOf(answer, "LATE_MARGIN_MINUTES")).toMatchObject({ value: "10", set: false });
    expect(valueOf(answer, "LIVE_BATCH_SIZE")).toMatchObject({ value: null, shown: true, set: false });
  });

  it("shows kill switch, missing secrets and the run that owns the slot", async () => {
    expect((await api.ask("/system")).json).toMatchObject({
      enabled: true,
      missing_secrets: [],
      slot_holder: null,
    });
    const id = admitted(await api.api.admit(wantedRun(), null));
    const env = { BACKFILL_ENABLED: "false", CTYUN_URI_EDGE: undefined };
    const { json } = await api.ask("/system", { env });
    expect(json).toMatchObject({ enabled: false, missing_secrets: ["CTYUN_URI_EDGE"], slot_holder: id });
    expect(json.secrets).toContainEqual({ name: "CTYUN_URI_EDGE", set: false });
  });

  it("shows no secret, no hash of a token, and no var that may hold text about people or hosts", async () => {
    const env = {
      CTYUN_ENDPOINT: `https://${PLANTED}.example`,
      CTYUN_URI_EDGE: `/${PLANTED}`,
      CTYUN_PRIVATE_KEY: PLANTED,
      API_TOKENS: JSON.stringify([{ name: "grafana", role: "viewer", sha256: SHA }]),
      SUCCESS_PATTERN: PLANTED,
      BINDING_ROLES: JSON.stringify({ [PLANTED]: "viewer" }),
      ACCESS_TEAM_DOMAIN: `https://${PLANTED}.cloudflareaccess.com`,
      ACCESS_AUD: SHA,
      ACCESS_ROLES: JSON.stringify({ [`@${PLANTED}.example`]: "viewer" }),
    };
    const { status, json, text } = await api.ask("/system", { env });
    expect(status).toBe(200);
    expect(text).not.toMatch(new RegExp(`${PLANTED}|${SHA}|test-token`));
    expect(json.tokens).toEqual([{ name: "grafana", role: "viewer" }]);
    expect(valueOf(json, "SUCCESS_PATTERN")).toMatchObject({ value: null, shown: false, set: true });
  });

  it("refuses a parameter", async () => {
    expect(await api.ask("/system?all=true")).toMatchObject({ status: 422, json: { code: "invalid_query" } });
  });
});
