import { expect, it, vi } from "vitest";
import { rememberSettings } from "../../src/platform/remember-settings.ts";

type Env = { A?: string; B?: string; OTHER?: string };

it("reads the settings once, also when each request gets its own environment object", () => {
  const read = vi.fn<(env: Env) => Env>((env) => ({ ...env }));
  const settings = rememberSettings(["A", "B"], read);
  const first = settings({ A: "1", OTHER: "x" });
  expect(settings({ A: "1", OTHER: "y" })).toBe(first);
  expect(read).toHaveBeenCalledTimes(1);
});

it("reads them again when one value differs, is added or is removed", () => {
  const settings = rememberSettings<Env, Env>(["A", "B"], (env) => ({ ...env }));
  for (const env of [{ A: "1" }, { A: "2" }, { A: "2", B: "1" }, { B: "1" }, {}, { A: "1" }])
    expect(settings(env)).toEqual(env);
});
