// The day of the oldest raw file, in every layout of a bucket.
import { describe, expect, it } from "vitest";
import { oldestDay } from "../../../src/listing/oldest-day.ts";
import { fakeBucket, sortedOf } from "../../../bench/bucket/fake-bucket.ts";

async function oldest(keys: string[], folders: string[] = []) {
  const bucket = fakeBucket(() => [sortedOf(keys.map((key) => ({ key, size: 1, uploadedAt: 0 })))]);
  const day = await oldestDay((options) => bucket.list(options), "logs/", folders);
  return day === null ? null : new Date(day).toISOString().slice(0, 10);
}
const NAME = "20260422T140000Z_20260422T150000Z_ab12.log.gz";

describe("the oldest day", () => {
  it.each([
    ["no key", [], null],
    ["keys that are no logs", ["logs/readme.txt", "logs/tmp/x.log.gz", "other/20250101/x.log.gz"], null],
    ["day folders", [`logs/20260423/${NAME}`, `logs/20260421/${NAME}`], "2026-04-21"],
    ["day folders with dashes", [`logs/2026-04-23/${NAME}`, `logs/2026-04-20/${NAME}`], "2026-04-20"],
    ["named day folders", [`logs/date=20260419/${NAME}`, `logs/date=2026-04-20/${NAME}`], "2026-04-19"],
    [
      "folders of years",
      [`logs/2026/04/20/${NAME}`, `logs/2025/11/03/${NAME}`, `logs/2025/12/01/${NAME}`],
      "2025-11-03",
    ],
    ["a year without a day", [`logs/2024/x/${NAME}`, `logs/2026/04/20/${NAME}`], "2026-04-20"],
    ["flat names", [`logs/${NAME}`, "logs/20260101T140000Z_20260101T150000Z_ab12.log.gz"], "2026-01-01"],
    ["two layouts", [`logs/20260423/${NAME}`, "logs/2026-04-22-app.log"], "2026-04-22"],
  ])("of %s", async (_what, keys, day) => {
    expect(await oldest(keys)).toBe(day);
  });

  it("looks into named folders", async () => {
    expect(await oldest([`logs/20260423/${NAME}`, `logs/eu/20260420/${NAME}`], ["eu/"])).toBe("2026-04-20");
  });

  it("reads every page", async () => {
    const keys = Array.from(
      { length: 1_500 },
      (_, n) => `logs/date=${new Date(n * 86_400_000 + 1.6e12).toISOString().slice(0, 10)}/${NAME}`,
    );
    expect(await oldest([...keys, `logs/zz/${NAME}`])).toBe("2020-09-13");
  });
});
