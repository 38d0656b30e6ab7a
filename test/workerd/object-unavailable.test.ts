// Answers to requests while the runtime does not reach a Durable Object, as during a deployment.
import { env } from "cloudflare:workers";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { ApiUnderTest } from "../support/api-under-test.ts";

const api = new ApiUnderTest();
beforeEach(() => api.setUp());
afterEach(() => api.tearDown());

/** Makes every call of a registry fail with an error that has `properties`. */
function breakRegistry(properties: object): void {
  const call = () => Promise.reject(Object.assign(new Error("https://partner.example/?key=1"), properties));
  vi.spyOn(env.RUN_REGISTRY, "getByName").mockReturnValue(new Proxy({}, { get: () => call }) as never);
}

describe("a request while a Durable Object does not answer", () => {
  it.each([{ retryable: true }, { overloaded: true }])("is answered 503 after %o", async (properties) => {
    const logged = vi.spyOn(console, "warn").mockReturnValue();
    breakRegistry(properties);
    const answer = await api.ask("/runs", { env: { LOG_LEVEL: "info" } });
    expect([answer.status, answer.json.code]).toEqual([503, "object_unavailable"]);
    expect(answer.headers.get("Retry-After")).toBe("5");
    expect(answer.text).not.toContain("partner");
    expect(logged.mock.calls.flat().join()).toContain("http.object_unavailable");
  });

  it("is answered 500 when the object's own code throws", async () => {
    vi.spyOn(console, "error").mockReturnValue();
    breakRegistry({ remote: true, retryable: false });
    const answer = await api.ask("/runs");
    expect([answer.status, answer.json.code]).toEqual([500, "internal_error"]);
  });
});
