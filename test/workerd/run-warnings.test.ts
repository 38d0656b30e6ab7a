import { env } from "cloudflare:workers";
import { afterEach, beforeEach, expect, it } from "vitest";
import { RunUnderTest } from "../support/run-under-test.ts";

const run = new RunUnderTest();
beforeEach(() => run.setUp());
afterEach(() => run.tearDown());

it("shows a var whose name is close to a known one in the status, without its value", async () => {
  await run.start();
  expect((await run.status()).warnings).toEqual([]);
  const names = env as unknown as Record<string, string>;
  names["MAX_LINES_PER_SECONDS"] = "sekret";
  try {
    await run.evict();
    expect((await run.status()).warnings).toEqual([
      {
        code: "misspelt_var",
        detail: "no var is named MAX_LINES_PER_SECONDS, so it has no effect; was MAX_LINES_PER_SECOND meant?",
      },
    ]);
  } finally {
    delete names["MAX_LINES_PER_SECONDS"];
  }
});
