// The field send_between, as POST /runs reads it: one range or a list of them.
import { describe, expect, it } from "vitest";
import { readRunRequest } from "../../../src/http/runs/run-request.ts";
import { readConfig } from "../../../src/platform/config.ts";

const NOW = Date.parse("2026-04-23T00:00:00Z");
const NIGHT = { from: "01:00", to: "07:00", zone: "Asia/Shanghai" };

const nights = (count: number) => Array.from({ length: count }, () => NIGHT);

function read(fields: object) {
  const window = { start: "2026-04-22T14:00:00Z", end: "2026-04-22T15:00:00Z" };
  return readRunRequest({ ...window, ...fields }, readConfig({}), "token", NOW);
}

function pointers(send_between: unknown): string[] {
  const answer = read({ send_between });
  if (answer.ok || answer.refusal.code !== "invalid_body") return [];
  return answer.refusal.errors.map((error) => ("pointer" in error ? error.pointer : ""));
}

describe("send_between", () => {
  it.each<[unknown, unknown]>([
    [NIGHT, [NIGHT]],
    [[NIGHT], [NIGHT]],
    [[NIGHT, { ...NIGHT, from: "23:30", to: "24:00", days: ["sat"] }], [NIGHT, { ...NIGHT, from: "23:30", to: "24:00", days: ["sat"] }]],
    [{ ...NIGHT, from: "22:00", to: "06:00" }, [{ ...NIGHT, from: "22:00", to: "06:00" }]],
    [{ ...NIGHT, days: ["sat", "mon", "sat"] }, [{ ...NIGHT, days: ["mon", "sat"] }]],
    [nights(14), nights(14)],
    [null, null],
  ])("takes %j", (send_between, sendBetween) => {
    expect(read({ send_between })).toMatchObject({ ok: true, wanted: { sendBetween } });
  }); // prettier-ignore

  it.each<[unknown, string[]]>([
    ["01:00-07:00", ["#/send_between"]],
    [[], ["#/send_between"]],
    [nights(15), ["#/send_between"]],
    [[NIGHT, "night"], ["#/send_between/1"]],
    [{}, ["#/send_between/from", "#/send_between/to", "#/send_between/zone"]],
    [{ ...NIGHT, from: "1:00" }, ["#/send_between/from"]],
    [{ ...NIGHT, from: "24:00" }, ["#/send_between/from"]],
    [{ ...NIGHT, from: 100 }, ["#/send_between/from"]],
    [{ ...NIGHT, to: "07:60" }, ["#/send_between/to"]],
    [{ ...NIGHT, to: "24:01" }, ["#/send_between/to"]],
    [{ ...NIGHT, to: NIGHT.from }, ["#/send_between/to"]],
    [{ ...NIGHT, zone: "Asia/Atlantis" }, ["#/send_between/zone"]],
    [{ ...NIGHT, zone: "" }, ["#/send_between/zone"]],
    [{ ...NIGHT, zone: 8 }, ["#/send_between/zone"]],
    [{ ...NIGHT, zone: "x".repeat(100_000) }, ["#/send_between/zone"]],
    [{ ...NIGHT, days: [] }, ["#/send_between/days"]],
    [{ ...NIGHT, days: "mon" }, ["#/send_between/days"]],
    [{ ...NIGHT, days: ["mon", "monday"] }, ["#/send_between/days/1"]],
    [
      [NIGHT, { ...NIGHT, zone: "x", days: ["x"] }],
      ["#/send_between/1/zone", "#/send_between/1/days/0"],
    ],
    [{ ...NIGHT, until: "08:00" }, ["#/send_between/until"]],
  ])("refuses %j and points at the member", (send_between, expected) => {
    expect(pointers(send_between)).toEqual(expected);
  });
});

describe("daily_lines", () => {
  it.each([99, 0, -1, 100.5, "1000", 1e13])("refuses %j", (daily_lines) => {
    expect(read({ daily_lines })).toMatchObject({
      ok: false,
      refusal: { errors: [{ pointer: "#/daily_lines" }] },
    });
  });

  it("refuses fewer lines than a batch has, because a batch could never be sent", () => {
    expect(read({ daily_lines: 999 })).toMatchObject({
      ok: false,
      refusal: { errors: [{ pointer: "#/daily_lines" }] },
    });
    expect(read({ daily_lines: 1_000 })).toMatchObject({ ok: true, wanted: { dailyLines: 1_000 } });
    expect(read({ daily_lines: 100, batch_size: 100 })).toMatchObject({ ok: true });
  });
});
