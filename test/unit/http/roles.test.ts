// Roles: which role includes which, whom ACCESS_ROLES lets in, and how often an address may fail.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ROLES, highestRole, mayActAs } from "../../../src/contract/roles.ts";
import { roleOf, type Identity } from "../../../src/http/access/access-role.ts";
import { FAILURES, FailedAttempts } from "../../../src/http/access/failed-attempts.ts";
import { neededRole } from "../../../src/http/route-roles.ts";

function person(name: string, groups: string[] = []): Identity {
  return { kind: "person", name, groups };
}

function service(name: string): Identity {
  return { kind: "service", name, groups: [] };
}

describe("a role", () => {
  it("includes the roles before it, and no role after it", () => {
    const table = ROLES.map((role) => ROLES.map((needed) => mayActAs(role, needed)));
    expect(table).toEqual([
      [true, false, false],
      [true, true, false],
      [true, true, true],
    ]);
    expect(ROLES.map((needed) => mayActAs(null, needed))).toEqual([false, false, false]);
    expect([highestRole(["viewer", "metrics"]), highestRole([])]).toEqual(["viewer", null]);
  });

  it("is the operator's for a route that the table does not have", () => {
    expect(neededRole("POST /new")).toBe("operator");
    expect(neededRole("GET /runs/__proto__")).toBe("operator");
  });
});

describe("ACCESS_ROLES", () => {
  const roles = new Map([
    ["li.wei@example.com", "operator"],
    ["chen@example.com", "metrics"],
    ["@example.com", "viewer"],
    ["group:on-call", "operator"],
    ["group:readers", "viewer"],
    ["grafana.access", "metrics"],
  ] as const);
  it.each([
    [person("li.wei@example.com"), "operator"],
    [person("Li.Wei@Example.COM"), "operator"],
    [person("wang@example.com"), "viewer"],
    [person("wang@example.com", ["readers", "on-call"]), "operator"],
    // A person's own entry counts before groups and domain.
    [person("chen@example.com", ["on-call"]), "metrics"],
    [person("wang@sub.example.com"), null],
    [person("wang@example.com.evil.test"), null],
    [person("wang@evil.test", ["group:on-call", "ON-CALL"]), null],
    [person("grafana.access"), null],
    [person("@example.com"), null],
    [person("group:on-call"), null],
    [service("grafana.access"), "metrics"],
    [service("other.access"), null],
    // The common name of a client certificate may be any text.
    [service("li.wei@example.com"), null],
    [service("@example.com"), null],
    [service("group:on-call"), null],
  ])("gives %o the role %s", (identity, role) => {
    expect(roleOf(identity, roles)).toBe(role);
  });
});

describe("failed attempts", () => {
  it("are limited after ten in a minute, for the address that failed", () => {
    const attempts = new FailedAttempts();
    for (let n = 0; n < FAILURES.max; n += 1) expect(attempts.add("a", n * 1_000)).toBeNull();
    expect(attempts.add("a", 20_000)).toBe(40_000);
    expect(attempts.add("b", 20_000)).toBeNull();
  });

  it("are allowed again when the oldest is a minute old, however many were refused meanwhile", () => {
    const attempts = new FailedAttempts();
    for (let n = 0; n < FAILURES.max; n += 1) attempts.add("a", n * 1_000);
    for (let n = 0; n < 100; n += 1) expect(attempts.add("a", 59_999)).toBe(1);
    expect(attempts.add("a", 60_000)).toBeNull();
    expect(attempts.add("a", 60_000)).toBe(1_000);
  });

  it("are never let through more than ten times in any minute", () => {
    const gaps = fc.array(fc.integer({ min: 0, max: 20_000 }), { maxLength: 80 });
    fc.assert(
      fc.property(gaps, (waits) => {
        const attempts = new FailedAttempts();
        let now = 0;
        const passed: number[] = [];
        for (const wait of waits) {
          now += wait;
          if (attempts.add("a", now) === null) passed.push(now);
        }
        for (const at of passed) {
          const inMinute = passed.filter((other) => other <= at && at - other < FAILURES.withinMs);
          expect(inMinute.length).toBeLessThanOrEqual(FAILURES.max);
        }
      }),
    );
  });

  it("do not lock an address out when the clock is set back", () => {
    const attempts = new FailedAttempts();
    for (let n = 0; n < FAILURES.max; n += 1) attempts.add("a", 3_600_000);
    expect(attempts.add("a", 0)).toBeNull();
  });

  it("are remembered for at most 1,000 addresses, and the newest are kept", () => {
    const attempts = new FailedAttempts();
    for (let n = 0; n < FAILURES.max; n += 1) attempts.add("newest", 0);
    for (let n = 0; n < 999; n += 1) attempts.add("x".repeat(100_000) + String(n), 1);
    for (let n = 0; n < 3_000; n += 1) {
      attempts.add(`10.0.${n}`, 1);
      if (n % 100 === 0) expect(attempts.add("newest", 1)).not.toBeNull();
    }
    expect(attempts.addresses).toBe(1_000);
  });
});
