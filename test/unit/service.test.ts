// The rules of the service for other Workers: which arguments are copied, and what a caller may do.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { checkConfig } from "../../src/platform/config.ts";
import { callerOf } from "../../src/service/caller.ts";
import { plainValue } from "../../src/service/plain-value.ts";

const MAX = 1_000;

function nested(depth: number): unknown {
  return depth === 0 ? 1 : { a: nested(depth - 1) };
}

describe("an argument", () => {
  it("is copied as its JSON reads", () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 5 }), (value) => {
        const copied = plainValue(value, 1_000_000);
        // As text, because -0 is written as 0.
        expect(copied.ok && JSON.stringify(copied.json)).toBe(JSON.stringify(value));
      }),
    );
  });

  it("loses its undefined members, as in JSON", () => {
    expect(plainValue({ a: undefined, b: 1 }, MAX)).toEqual({ ok: true, json: { b: 1 } });
  });

  it("keeps a member named __proto__ as a member", () => {
    const copied = plainValue(JSON.parse('{"__proto__": {"a": 1}}'), MAX);
    expect(copied.ok && Object.keys(copied.json as object)).toEqual(["__proto__"]);
  });

  const cyclic: Record<string, unknown> = {};
  cyclic["self"] = cyclic;
  const wide = Array.from({ length: 12 }).reduce<unknown>((one) => [one, one, one, one], "x");
  const throwing = { get start(): string { throw new Error("no"); } }; // prettier-ignore
  it.each<[string, unknown, string, string | undefined]>([
    ["nothing", undefined, "invalid_body", "#"],
    ["a function", () => 1, "invalid_body", "#"],
    ["a function inside", { a: { b: [() => 1] } }, "invalid_body", "#/a/b/0"],
    ["a date", { start: new Date(0) }, "invalid_body", "#/start"],
    ["a map", new Map(), "invalid_body", "#"],
    ["a big number", { n: 1n }, "invalid_body", "#/n"],
    ["a symbol", { n: Symbol("n") }, "invalid_body", "#/n"],
    ["not a number", { n: Number.NaN }, "invalid_body", "#/n"],
    ["bytes", new Uint8Array(3), "invalid_body", "#"],
    ["a cyclic object", cyclic, "invalid_body", "#"],
    ["a deep object", nested(17), "invalid_body", "#"],
    ["a member that throws", throwing, "invalid_body", "#"],
    ["a list with a hole", [1, , 2], "invalid_body", "#/1"], // oxlint-disable-line no-sparse-arrays
    ["a long text", "x".repeat(MAX), "body_too_large", undefined],
    ["a text of wide characters", "中".repeat(MAX / 2), "body_too_large", undefined],
    ["a huge list", Array.from({ length: MAX * 10 }).fill(0), "body_too_large", undefined],
    ["an object that repeats itself", wide, "body_too_large", undefined],
    ["a long name", { ["x".repeat(MAX)]: 1 }, "body_too_large", undefined],
  ])("is refused when it is %s", (_name, value, code, pointer) => {
    const copied = plainValue(value, MAX);
    const refusal = copied.ok ? null : copied.refusal;
    expect(refusal?.code).toBe(code);
    if (pointer !== undefined) expect(refusal).toMatchObject({ errors: [{ pointer }] });
  });

  it("is refused at once when it is a list with a billion holes", () => {
    const holes: unknown[] = [];
    holes.length = 1_000_000_000;
    expect(plainValue({ windows: holes }, MAX).ok).toBe(false);
  });
});

describe("a caller", () => {
  const ROLES = { live: "operator", watch: "viewer" } as const;

  it("acts under the name in its binding", () => {
    expect(callerOf({ name: "live" }, ROLES, "operator")).toEqual({ ok: true, actor: "binding:live" });
    expect(callerOf({ name: "watch" }, ROLES, "viewer")).toEqual({ ok: true, actor: "binding:watch" });
    expect(callerOf({ name: "live" }, ROLES, "viewer").ok).toBe(true);
  });

  it.each<[string, unknown, string]>([
    ["without props", undefined, "unknown_caller"],
    ["without a name", {}, "unknown_caller"],
    ["with an empty name", { name: " " }, "unknown_caller"],
    ["with a name that is no text", { name: ["live"] }, "unknown_caller"],
    ["with a name that could forge a log line", { name: "live\nbinding:x" }, "unknown_caller"],
    ["with an unknown name", { name: "other" }, "unknown_caller"],
    ["with the name of a member of every object", { name: "constructor" }, "unknown_caller"],
    ["with too low a role", { name: "watch" }, "not_allowed"],
  ])("is refused %s", (_name, props, code) => {
    expect(callerOf(props, ROLES, "operator")).toMatchObject({ ok: false, code });
  });

  it("is refused while BINDING_ROLES is not set", () => {
    expect(callerOf({ name: "live" }, null, "viewer")).toMatchObject({ code: "unknown_caller" });
  });
});

describe("BINDING_ROLES", () => {
  it("maps names to roles", () => {
    const answer = checkConfig({ BINDING_ROLES: '{"live": "operator", "watch": "viewer"}' });
    expect(answer).toMatchObject({ config: { bindingRoles: { live: "operator", watch: "viewer" } } });
    expect(checkConfig({ BINDING_ROLES: "" })).toMatchObject({ config: { bindingRoles: null } });
    expect(checkConfig({})).toMatchObject({ config: { bindingRoles: null } });
  });

  it.each(["live", "[]", "{}", "null", '{"live": "admin"}', '{"live": 1}', '{"": "viewer"}', '["operator"]'])(
    "is a fault when it is %s",
    (text) => {
      expect(checkConfig({ BINDING_ROLES: text })).toMatchObject({
        ok: false,
        faults: [{ name: "BINDING_ROLES" }],
      });
    },
  );
});
