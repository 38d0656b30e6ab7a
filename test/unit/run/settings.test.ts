// The run's settings while a var cannot be used.
import { expect, it } from "vitest";
import { receiverIdFor, settingsOf } from "../../../durable-objects/backfill-run/context/settings.ts";
import type { Env } from "../../../src/platform/env.ts";

it("reports to the registry of RECEIVER_ID although another var cannot be used", () => {
  const env = { RECEIVER_ID: "partner-2", SEND_TIMEOUT_MS: "soon" } as unknown as Env;
  expect(settingsOf(env, "").ok).toBe(false);
  expect(receiverIdFor(env)).toBe("partner-2");
});

it("uses the default name only for a RECEIVER_ID that is unset or cannot be used", () => {
  expect([receiverIdFor({}), receiverIdFor({ RECEIVER_ID: "no name!" })]).toEqual(["ctyun", "ctyun"]);
});
