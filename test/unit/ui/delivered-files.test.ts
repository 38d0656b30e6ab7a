// Tests which files of a plan were delivered by the live worker, so that a run would send their lines twice.
import { describe, expect, it } from "vitest";
import type { PlanAnswer } from "../../../src/contract/api/api-types.ts";
import { deliveredFiles } from "../../../src/ui/pages/new/delivered-files.ts";

const WINDOW = { start: "2026-04-22T14:00:00Z", end: "2026-04-22T14:10:00Z" };
const file = (start: string, end: string, live: string) => ({ start, end, live });
const WARNING = [{ code: "delivered_live", detail: "" }];
const planOf = (files: object[] | null, warnings: object[] = WARNING): PlanAnswer =>
  ({ files, live: { files: { delivered: 70 } }, warnings }) as unknown as PlanAnswer;

describe("the delivered files of a window", () => {
  it("are counted when they have a part of the window and were delivered whole", () => {
    const files = [
      file("2026-04-22T13:59:00Z", "2026-04-22T14:00:30Z", "delivered"),
      file("2026-04-22T14:01:00Z", "2026-04-22T14:02:00Z", "delivered"),
      file("2026-04-22T14:02:00Z", "2026-04-22T14:03:00Z", "partly"),
      file("2026-04-22T14:03:00Z", "2026-04-22T14:04:00Z", "not_delivered"),
    ];
    expect(deliveredFiles(planOf(files), WINDOW)).toBe(2);
  });

  it("are none when they only touch the window, or lie after it", () => {
    const files = [
      file("2026-04-22T13:59:00Z", "2026-04-22T14:00:00Z", "delivered"),
      file("2026-04-22T14:10:00Z", "2026-04-22T14:11:00Z", "delivered"),
      file("2026-04-22T14:15:00Z", "2026-04-22T14:16:00Z", "delivered"),
    ];
    expect(deliveredFiles(planOf(files), WINDOW)).toBe(0);
  });

  it("are none when the API does not warn, for example because the run sends to another receiver", () => {
    const other = [{ code: "live_of_partner", detail: "" }];
    expect(deliveredFiles(planOf(null, other), WINDOW)).toBe(0);
  });

  it("are all delivered files of a window that is too long to list", () => {
    expect(deliveredFiles(planOf(null), WINDOW)).toBe(70);
  });
});
