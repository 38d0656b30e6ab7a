import { describe, expect, it } from "vitest";
import { logLevelOf } from "../../src/platform/config.ts";
import { LOG_LEVELS } from "../../src/platform/var-kinds.ts";
import { createLog, errorText } from "../../src/platform/log.ts";

function logged(
  threshold: (typeof LOG_LEVELS)[number],
  write: (log: ReturnType<typeof createLog>) => void,
): string[] {
  const lines: string[] = [];
  write(createLog(threshold, (_level, line) => lines.push(line), () => 0)); // prettier-ignore
  return lines;
}

describe("the log", () => {
  it("writes one JSON object a line, so that it can be searched by field", () => {
    const [line] = logged("info", (log) => log("info", "run.started", { run: "r", lines: 3 }));
    expect(JSON.parse(String(line))).toEqual({
      at: "1970-01-01T00:00:00.000Z",
      level: "info",
      event: "run.started",
      run: "r",
      lines: 3,
    });
  });

  it("leaves out what lies below LOG_LEVEL and nothing else", () => {
    for (const [n, threshold] of LOG_LEVELS.entries()) {
      const lines = logged(threshold, (log) => LOG_LEVELS.forEach((level) => log(level, level)));
      expect(lines.map((line) => JSON.parse(line).event)).toEqual(LOG_LEVELS.slice(n));
    }
  });

  it("cuts signatures out of every text, because a runtime's error may quote the whole URL", () => {
    const error = new TypeError('cannot fetch "http://recv.example/log?auth_key=177-1-abcdef&x=1"');
    expect(errorText(error)).toBe('TypeError: cannot fetch "http://recv.example/log?auth_key=[cut]&x=1"');
    const lines = logged("info", (log) =>
      log("error", "e", { error, deep: { url: "http://r/?auth_key=s3cret" }, list: [error] }),
    );
    expect(lines.join()).not.toMatch(/abcdef|s3cret/);
    expect(lines.join()).toContain("cannot fetch");
  });

  it("survives a bigint and a stack, because a log line must never be what fails", () => {
    const [line] = logged("info", (log) => log("info", "e", { ns: 12n, error: new Error("x") }));
    expect(JSON.parse(String(line))).toMatchObject({ ns: "12", error: "Error: x" });
  });

  it("keeps logging at info when LOG_LEVEL is bad, so that the bad var itself is logged", () => {
    expect([logLevelOf({ LOG_LEVEL: "loud" }), logLevelOf({}), logLevelOf({ LOG_LEVEL: "debug" })]).toEqual([
      "info",
      "info",
      "debug",
    ]);
  });
});
