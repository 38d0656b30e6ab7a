// The Chinese remedies of the doctor must fit the codes of its checks.
import { describe, expect, it } from "vitest";
import type { DeclaredChecks } from "../../../src/contract/doctor.ts";
import { DEPLOYMENT_CHECKS } from "../../../src/http/doctor/checks.ts";
import { doctorRemedies } from "../../../src/ui/text/zh/doctor-remedies.ts";

describe("the Chinese remedies", () => {
  it("name exactly the outcomes that have a remedy", () => {
    const checks: DeclaredChecks = DEPLOYMENT_CHECKS;
    const wanted = Object.entries(checks).flatMap(([check, { outcomes }]) =>
      Object.entries(outcomes).flatMap(([outcome, { remedy }]) => (remedy ? [`${check}.${outcome}`] : [])),
    );
    const known = Object.entries(doctorRemedies).flatMap(([check, outcomes]) =>
      Object.keys(outcomes).map((outcome) => `${check}.${outcome}`),
    );
    expect(known.toSorted()).toEqual(wanted.toSorted());
  });
});
