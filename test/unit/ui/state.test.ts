// The pure rules of the page: addresses, rhythm of requests, long lists, kept keys, problems.
import { describe, expect, it } from "vitest";
import * as fc from "fast-check";
import { headersOf } from "../../../src/ui/api/client.ts";
import { chooseKey } from "../../../src/ui/api/idempotency.ts";
import { paths, queryText } from "../../../src/ui/api/paths.ts";
import { errorAt, isUnsettled, localProblem, needsSignIn, readProblem } from "../../../src/ui/api/problem.ts";
import { tokenOf } from "../../../src/ui/api/token.ts";
import { cellCounts, cellRuns, dayBefore } from "../../../src/ui/state/coverage-range.ts";
import { delayMs, isDue } from "../../../src/ui/state/rhythm.ts";
import { findRoute, matchPath } from "../../../src/ui/state/routes.ts";
import { withEarlier, withNext, type ListState } from "../../../src/ui/state/list-state.ts";
import { changedQuery } from "../../../src/ui/state/query.ts";

describe("a path", () => {
  it("matches its pattern, with and without a slash at the end", () => {
    expect(matchPath("/ui", "/ui/")).toEqual({});
    expect(matchPath("/ui/runs/:id/files", "/ui/runs/a%20b/files/")).toEqual({ id: "a b" });
  });

  it.each(["/ui/runs", "/ui/runs/1/2", "/runs/1", "/ui/runs/%E0%A4%A"])("%s is not /ui/runs/:id", (path) => {
    expect(matchPath("/ui/runs/:id", path)).toBeNull();
  });

  it("leads to the first route that fits", () => {
    const routes = [{ pattern: "/ui/runs/new" }, { pattern: "/ui/runs/:id" }];
    expect(findRoute(routes, "/ui/runs/new")?.route).toBe(routes[0]);
    expect(findRoute(routes, "/ui/runs/old")).toEqual({ route: routes[1], params: { id: "old" } });
    expect(findRoute(routes, "/ui/other")).toBeNull();
  });

  it("of the API keeps every character of an id inside one part", () => {
    expect(paths.run("../x?y#z")).toBe("/runs/..%2Fx%3Fy%23z");
    expect(queryText({ a: "1 + 1", b: null, c: undefined, d: "", e: 2 })).toBe("?a=1+%2B+1&e=2");
    expect(queryText({})).toBe("");
  });
});

describe("filters in the address", () => {
  it("are set and removed without touching the others", () => {
    expect(changedQuery("a=1&b=2", { b: "3" })).toBe("?a=1&b=3");
    expect(changedQuery("a=1&b=2", { a: null, b: "" })).toBe("");
  });
});

describe("the rhythm of requests", () => {
  const still = { hidden: false, works: false, lost: false };

  it("is 2 s while a run works, else 15 s, and 60 s in a hidden tab", () => {
    expect(delayMs({ ...still, works: true })).toBe(2_000);
    expect(delayMs(still)).toBe(15_000);
    expect(delayMs({ ...still, works: true, hidden: true })).toBe(60_000);
  });

  it("is 2 s while the API is not reached, also for data that changes rarely", () => {
    expect(delayMs({ ...still, lost: true }, 60_000)).toBe(2_000);
    expect(delayMs({ ...still, works: true }, 60_000)).toBe(60_000);
  });

  it("goes on after the clock was set back", () => {
    expect(isDue(10_000, null, 15_000)).toBe(true);
    expect(isDue(14_999, 0, 15_000)).toBe(false);
    expect(isDue(15_000, 0, 15_000)).toBe(true);
    expect(isDue(1_000, 10_000, 15_000)).toBe(true);
  });
});

describe("a long list", () => {
  const page = (n: number) => ({ cursor: n === 0 ? null : `c${n}`, rows: [n], next: `c${n + 1}` });

  it("holds two pages at most, and finds the way back to the first", () => {
    let state: ListState<number> = { pages: [page(0)], before: [] };
    for (const n of [1, 2, 3]) state = withNext(state, page(n));
    expect(state.pages.map(({ rows }) => rows[0])).toEqual([2, 3]);
    expect(state.before).toEqual([null, "c1"]);
    state = withEarlier(state, page(1));
    expect(state.pages.map(({ rows }) => rows[0])).toEqual([1, 2]);
    state = withEarlier(state, page(0));
    expect(state).toEqual({ pages: [page(0), page(1)], before: [] });
  });

  it("shows neighbouring pages after any way through it", () => {
    fc.assert(
      fc.property(fc.array(fc.boolean(), { maxLength: 40 }), (steps) => {
        let state: ListState<number> = { pages: [page(0)], before: [] };
        for (const isForward of steps) {
          const last = state.pages.at(-1)?.rows[0] ?? 0;
          if (isForward) state = withNext(state, page(last + 1));
          else if (state.before.length > 0) state = withEarlier(state, page(state.before.length - 1));
          const shown = state.pages.map(({ rows }) => rows[0] ?? -1);
          expect(shown).toEqual(shown.map((_, index) => state.before.length + index));
          expect(shown.length).toBeLessThanOrEqual(2);
        }
      }),
    );
  });
});

describe("the key of a request", () => {
  it("stays the same for the same body until it is answered, and is new for another body", () => {
    let made = 0;
    const fresh = () => `key-${++made}`;
    const first = chooseKey(null, "{}", fresh);
    expect(chooseKey(first, "{}", fresh)).toBe(first);
    expect(chooseKey(first, '{"a":1}', fresh).key).toBe("key-2");
  });

  it("is kept while the request may have been carried out", () => {
    const answered = [400, 401, 403, 409, 422, 429].map((status) =>
      isUnsettled(readProblem(status, { code: "x" })),
    );
    expect(answered).toEqual([false, false, false, false, false, false]);
    expect(isUnsettled(localProblem("not_reached", ""))).toBe(true);
    expect(isUnsettled(readProblem(503, { code: "start_unconfirmed" }))).toBe(true);
  });
});

describe("a problem", () => {
  it("keeps its code, its errors and its further members", () => {
    const problem = readProblem(422, {
      type: "urn:x",
      title: "Invalid fields",
      status: 422,
      detail: "#/end: required",
      code: "invalid_body",
      errors: [{ pointer: "#/end", detail: "required" }, "noise"],
      errors_left_off: 3,
    });
    expect(problem).toMatchObject({ code: "invalid_body", status: 422, more: { errors_left_off: 3 } });
    expect(problem.errors).toEqual([{ pointer: "#/end", detail: "required" }]);
    expect(errorAt(problem, "#/end")).toBe("required");
    expect(errorAt(problem, "#/start")).toBeNull();
  });

  it.each([null, "text", [], { title: "no code" }])(
    "is not_understood with its status for the body %j",
    (body) => {
      expect(readProblem(502, body)).toMatchObject({ code: "not_understood", status: 502 });
    },
  );

  it("asks for a sign-in only when the credential is at fault", () => {
    expect(needsSignIn(readProblem(401, { code: "unauthorized" }))).toBe(true);
    expect(needsSignIn(localProblem("session_ended", ""))).toBe(true);
    expect(needsSignIn(readProblem(403, { code: "not_allowed" }))).toBe(false);
  });
});

describe("a request", () => {
  it("carries the token and the person's name, and a key only when it has one", () => {
    const known = headersOf({ token: "t0ken", actor: "li.wei" }, { text: "{}", key: "k" });
    expect(Object.fromEntries(known)).toMatchObject({
      authorization: "Bearer t0ken",
      "x-actor": "li.wei",
      "idempotency-key": "k",
      "content-type": "application/json",
    });
    const bare = headersOf(null, { text: null, key: null });
    expect([...bare.keys()]).toEqual(["accept"]);
  });

  it("finds a token in the address", () => {
    expect(tokenOf("#token=a%2Bb")).toBe("a+b");
    expect(tokenOf("#token=")).toBeNull();
    expect(tokenOf("#main")).toBeNull();
  });
});

describe("cells of coverage", () => {
  it("of a day end at the last edge of five minutes", () => {
    expect(dayBefore(Date.parse("2026-04-22T14:03:59.999Z"))).toEqual({
      start: "2026-04-21T14:00:00Z",
      end: "2026-04-22T14:00:00Z",
    });
  });

  it("side by side in one state become one run, and none is lost", () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(..."dpnwets?.".split("")), { maxLength: 300 }), (letters) => {
        const states = letters.join("");
        const runs = cellRuns(states);
        expect(runs.map(({ letter, cells }) => letter.repeat(cells)).join("")).toBe(states);
        expect(runs.every(({ letter }, index) => letter !== runs[index + 1]?.letter)).toBe(true);
        expect(cellCounts(states).reduce((sum, [, cells]) => sum + cells, 0)).toBe(letters.length);
      }),
    );
  });
});
