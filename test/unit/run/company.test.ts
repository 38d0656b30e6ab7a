// How long a sender may wait for more of its loops before a call.
import { describe, expect, it } from "vitest";
import { companyMs } from "../../../durable-objects/backfill-run/receiver/company.ts";
import { ageOfCall } from "../../../durable-objects/backfill-run/sending/repeated-call.ts";

const NOW = 1_000_000;
const company = (aheadMs: number, pending = 9): number =>
  companyMs({ newestAt: NOW + 20 + aheadMs }, { now: NOW, readyMs: 20, pending });

describe("the wait of a sender before its next call", () => {
  it("is none while the next permit can begin as soon as a sender has the body", () => {
    expect(company(0)).toBe(0);
    expect(company(-5_000)).toBe(0);
  });

  it("is half of the time by which permits are ahead, and at most 100 ms", () => {
    expect(company(30)).toBe(15);
    expect(company(1_000)).toBe(100);
  });

  it("is 100 ms when no batch waits", () => {
    expect(company(-5_000, 0)).toBe(100);
  });
});

describe("the age of a call", () => {
  it.each([
    [1, 0, "new"],
    [5, 3, "new"],
    [3, 3, "repeated"],
    [2, 3, "outdated"],
    [undefined, 3, "new"],
  ] as const)("of number %s after number %s is %s", (call, newest, age) => {
    expect(ageOfCall(call, newest)).toBe(age);
  });
});
