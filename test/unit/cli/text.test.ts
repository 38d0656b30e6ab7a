// Text for a terminal: widths, tables, and nothing from a log that could control the terminal.
import { describe, expect, it } from "vitest";
import { progressLine } from "../../../src/cli/text/progress-line.ts";
import { bytes, count, counted, percent } from "../../../src/cli/text/numbers.ts";
import { safe, safeJson } from "../../../src/cli/text/safe-text.ts";
import { facts, table } from "../../../src/cli/text/table.ts";
import { cutTo, widthOf } from "../../../src/cli/text/width.ts";

describe("the width of a text", () => {
  it.each([
    ["abc", 3],
    ["北京", 4],
    ["a北b", 4],
    ["e\u0301", 1],
    ["，", 2],
    ["가나", 4],
    ["✅", 2],
    ["…", 1],
    ["", 0],
  ])("of %s is %i columns", (text, width) => {
    expect(widthOf(text)).toBe(width);
  });

  it("never exceeds the columns of a cut", () => {
    expect(cutTo("补发北京日志", 7)).toBe("补发北…");
    expect(cutTo("补发", 4)).toBe("补发");
    expect(widthOf(cutTo("补发北京日志", 6))).toBeLessThanOrEqual(6);
  });
});

describe("a table", () => {
  it("keeps its columns below each other with wide characters", () => {
    const lines = table(["NOTE", "N", "LAST"], [["补发", 5, "x"], ["plain", 1_234, "y"]], null); // prettier-ignore
    expect(lines).toEqual(["NOTE       N  LAST", "补发       5  x", "plain  1,234  y"]);
  });

  it("cuts the last cell to the terminal, and no cell in a pipe", () => {
    const row = ["a", "x".repeat(50)];
    expect(table(["A", "LONG"], [row], 30)[1]).toBe(`a  ${"x".repeat(26)}…`);
    expect(table(["A", "LONG"], [row], null)[1]).toHaveLength(53);
  });

  it("leaves out facts without a value, and shows zero", () => {
    expect(facts([["none", null], ["zero", 0], ["empty", ""], ["absent", undefined]])).toEqual(["zero  0"]); // prettier-ignore
  });

  it("shows escape sequences of a note as text", () => {
    const hostile = "\u001b]0;owned\u0007\u009b31m\u202eevil\r\n";
    expect(table(["NOTE"], [[hostile]], null)[1]).toBe(
      "\\u001b]0;owned\\u0007\\u009b31m\\u202eevil\\u000d\\u000a",
    );
    expect(safe(hostile)).not.toMatch(/[\u0080-\u009f\u202e]/);
  });
});

it("writes JSON without control characters that means the same", () => {
  const value = { note: "\u001b[31m\u009b北\u202e\u2028\u007f" };
  const text = safeJson(value);
  expect(JSON.parse(text)).toEqual(value);
  expect(text).toMatch(/^[\u0020-\u007e北]*$/);
});

it("shows 100 % only when everything is done", () => {
  expect([0, 0.421, 0.99999, 1].map(percent)).toEqual(["0.0 %", "42.1 %", "99.9 %", "100.0 %"]);
});

it("shows counts and bytes with units", () => {
  expect([count(1_234_567), count(null), counted(1, "file"), counted(2, "batch", "batches")]).toEqual([
    "1,234,567",
    "–",
    "1 file",
    "2 batches",
  ]);
  expect([bytes(0), bytes(1_023), bytes(1_536), bytes(5 * 1024 ** 3)]).toEqual([
    "0 B",
    "1,023 B",
    "1.5 KiB",
    "5 GiB",
  ]);
});

describe("the progress line", () => {
  const status = {
    stage_code: "sending",
    state_reason: null,
    progress: 0.5,
    eta_seconds: 120,
    rate: { lines_per_second: 9_000, max_lines_per_second: 20_000 },
    log_lines_sent: 1_000_000,
    exceptions: 0,
  } as Parameters<typeof progressLine>[0];
  const now = Date.parse("2026-04-22T16:00:00Z");

  it("shows share, rate, cap and the time of the end", () => {
    expect(progressLine(status, now, "Asia/Shanghai", 200)).toBe(
      `[${"█".repeat(12)}${"░".repeat(12)}] 50.0 %  sending  1,000,000 lines  9,000/s of 20,000  2 min left (00:02 Beijing)`,
    );
  });

  it("names the reason of a stage, and stays within the terminal", () => {
    const reason = { code: "quiet_hours", detail: "…" };
    const line = progressLine({ ...status, stage_code: "suspended", state_reason: reason }, now, "UTC", 60);
    expect(line).toContain("suspended: quiet_h");
    expect(widthOf(line)).toBeLessThanOrEqual(59);
  });
});
