import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { VAR_NAMES } from "../../src/platform/vars.ts";
import { knownVarCloseTo, misspeltVars, warnOfMisspeltVars } from "../../src/platform/misspelt-vars.ts";

describe("a name close to a var", () => {
  it.each([
    ["MAX_LINES_PER_SECONDS", "MAX_LINES_PER_SECOND"],
    ["MAX_LINE_PER_SECOND", "MAX_LINES_PER_SECOND"],
    ["MAX_LINES_PER_SEC", "MAX_LINES_PER_SECOND"],
    ["max_lines_per_second", "MAX_LINES_PER_SECOND"],
    ["MAXLINESPERSECOND", "MAX_LINES_PER_SECOND"],
    ["MAX-LINES-PER-SECOND", "MAX_LINES_PER_SECOND"],
    ["BACTH_SIZE", "BATCH_SIZE"],
    ["BATCHSIZE", "BATCH_SIZE"],
    ["RECIEVER_ID", "RECEIVER_ID"],
    ["SUCCES_PATTERN", "SUCCESS_PATTERN"],
    ["SEND_TIMEOUT", "SEND_TIMEOUT_MS"],
    ["CLEANUP_GRACE", "CLEANUP_GRACE_MS"],
    ["ACCESS_AUDIENCE", "ACCESS_AUD"],
    ["CTYUN_URI", "CTYUN_URI_EDGE"],
    ["CTYUN_PRIVATEKEY", "CTYUN_PRIVATE_KEY"],
    ["LOG_LVL", "LOG_LEVEL"],
    ["BACKFILL_ENABLE", "BACKFILL_ENABLED"],
  ])("names %s as %s", (name, meant) => {
    expect(knownVarCloseTo(name)).toBe(meant);
  });

  it("finds each known var with a letter too many, missing, wrong or swapped", () => {
    for (const name of VAR_NAMES) {
      const at = Math.floor(name.length / 2);
      const [head, tail] = [name.slice(0, at), name.slice(at)];
      const swapped = head + (tail[1] ?? "") + (tail[0] ?? "") + tail.slice(2);
      for (const typed of [`${head}X${tail}`, head + tail.slice(1), `${head}Q${tail.slice(1)}`, swapped]) {
        if (VAR_NAMES.includes(typed)) continue;
        expect(knownVarCloseTo(typed), typed).not.toBeNull();
      }
    }
  });

  it.each([
    "LOGS",
    "PARSE_QUEUE",
    "SEND_QUEUE",
    "BACKFILL_RUN",
    "RUN_REGISTRY",
    "TICKET_SYSTEM",
    "A",
    "",
    "__proto__",
    "FOO",
  ])("leaves %s alone", (name) => expect(knownVarCloseTo(name)).toBeNull());

  it("accepts every var and secret of the Worker", () => {
    for (const name of VAR_NAMES) expect(knownVarCloseTo(name)).toBeNull();
    const text = readFileSync("wrangler.toml", "utf8");
    const names = [...text.matchAll(/^([A-Z_]+) = |binding = "([A-Z_]+)"/gm)].map(
      (found) => found[1] ?? found[2] ?? "",
    );
    expect(names.length).toBeGreaterThan(10);
    expect(misspeltVars(Object.fromEntries(names.map((name) => [name, ""])))).toEqual([]);
  });

  it("is ignored when it is very long, so that it costs no time", () => {
    expect(knownVarCloseTo("BATCH_SIZE".repeat(100_000))).toBeNull();
  });

  it("warns once, and never shows the value", () => {
    const lines: unknown[] = [];
    const env = { BATCH_SIZE: "1000", API_TOKENN: "sekret" };
    for (let n = 0; n < 3; n += 1) warnOfMisspeltVars(env, (...line) => void lines.push(line));
    expect(lines).toEqual([["warn", "misspelt_var", { name: "API_TOKENN", meant: "API_TOKEN" }]]);
  });
});
