// The page and its files, as the Worker serves them to everyone. Paths of the API never become the page.
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { PAGE_HEADERS } from "../../src/http/page/page-headers.ts";
import { ApiUnderTest, type Answer } from "../support/api-under-test.ts";

const api = new ApiUnderTest();
beforeEach(() => api.setUp());
afterEach(() => api.tearDown());

function visit(path: string, headers: Record<string, string> = {}, method = "GET"): Promise<Answer> {
  return api.ask(path, { token: null, headers, method, env: { API_TOKEN: undefined } });
}

function expectDocument({ status, headers, text }: Answer, path: string): void {
  expect([status, headers.get("Content-Type")], path).toEqual([200, "text/html; charset=utf-8"]);
  expect(text, path).toContain('<div id="app">');
}

/** Addresses that the document loads. */
async function loaded(): Promise<string[]> {
  const { text } = await visit("/ui/");
  return [...text.matchAll(/(?:src|href)="(\/[^"]+)"/g)].map((found) => found[1] ?? "");
}

describe("the page", () => {
  it("is one document for every place inside it", async () => {
    const places = [
      "/ui/",
      "/ui/?x=1",
      "/ui/runs",
      "/ui/runs/20300422T140000Z_20300422T150000Z_20300422T160000Z",
      "/ui/runs/x/files",
      "/ui/%0aruns",
      "/ui/a.b/c",
      "/ui/coverage/",
    ];
    for (const path of places) expectDocument(await visit(path), path);
  });

  it.each(["/", "/ui"])("redirects %s", async (path) => {
    const { status, headers } = await visit(path);
    expect([status, headers.get("Location")]).toEqual([302, "/ui/"]);
  });

  it("leaves a navigation outside /ui/ to the API", async () => {
    const navigation = { "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document", Accept: "text/html" };
    for (const path of ["/runs/x", "/coverage", "/uix", "/UI/"]) {
      const answer = await visit(path, navigation);
      expect([answer.status, answer.json.code], path).toEqual([403, "api_token_not_configured"]);
    }
    const known = await api.ask("/runs/x", { headers: navigation });
    expect([known.status, known.json.code]).toEqual([404, "unknown_run"]);
  });

  it("has its script and its style below /ui/assets/, with a name that follows the content", async () => {
    const addresses = await loaded();
    expect(addresses.length).toBeGreaterThanOrEqual(2);
    for (const address of addresses) {
      expect(address).toMatch(/^\/ui\/assets\/[0-9a-f]{8}\/[a-z-]+-[A-Z0-9]{8}\.(js|css)$/);
      const { status, headers } = await visit(address);
      expect([status, headers.get("Content-Type")]).toEqual([
        200,
        address.endsWith("js") ? "text/javascript; charset=utf-8" : "text/css; charset=utf-8",
      ]);
      expect(headers.get("Cache-Control")).toBe("public, max-age=31536000, immutable");
    }
  });

  it.each([
    "/ui/assets/00000000/main-00000000.js",
    "/ui/assets/",
    "/ui/x.js",
    "/ui/runs/x.css",
    "/ui/favicon.ico",
  ])("answers a missing file with 404, never with HTML: %s", async (path) => {
    const { status, headers, json } = await visit(path, { Accept: "text/html" });
    expect([status, json.code]).toEqual([404, "no_such_route"]);
    expect(headers.get("Content-Type")).toBe("application/problem+json");
    // A browser must not keep this answer, because a newer version may have the file.
    expect(headers.get("Cache-Control")).toBe("no-store");
  });

  it("answers 304 to the ETag that it gave, and the document to another", async () => {
    for (const path of ["/ui/", "/ui/runs/x", ...(await loaded())]) {
      const first = await visit(path);
      const etag = first.headers.get("ETag") ?? "";
      expect(etag, path).toMatch(/^"/);
      const again = await visit(path, { "If-None-Match": etag });
      expect([again.status, again.text], path).toEqual([304, ""]);
      expect((await visit(path, { "If-None-Match": '"other"' })).status, path).toBe(200);
    }
  });

  it("answers HEAD as GET, without the body, and refuses every other method", async () => {
    const { status, headers, text } = await visit("/ui/runs", {}, "HEAD");
    expect([status, text, headers.get("Content-Type")]).toEqual([200, "", "text/html; charset=utf-8"]);
    expect((await visit("/", {}, "HEAD")).status).toBe(302);
    for (const method of ["POST", "PUT", "PATCH", "DELETE", "OPTIONS"]) {
      const refused = await visit("/ui/", {}, method);
      expect([refused.status, refused.json.code], method).toEqual([405, "method_not_allowed"]);
    }
  });

  it("has its policy on the document, its files and its redirects", async () => {
    for (const path of ["/", "/ui/", "/ui/runs", ...(await loaded())]) {
      const { headers } = await visit(path);
      for (const [name, value] of Object.entries(PAGE_HEADERS)) expect(headers.get(name), path).toBe(value);
    }
    expect(PAGE_HEADERS["Content-Security-Policy"]).toContain("require-trusted-types-for 'script'");
  });

  it("hands no credential to the store of files", async () => {
    const { env } = await import("cloudflare:workers");
    const asked = vi.spyOn(env.ASSETS, "fetch");
    await api.ask("/ui/", { headers: { Cookie: "a=b" } });
    const sent = new Headers(asked.mock.calls[0]?.[1]?.headers);
    expect([...sent.keys()]).toEqual([]);
  });

  it("fails aloud when it was not built", async () => {
    vi.spyOn(console, "error").mockReturnValue();
    const { env } = await import("cloudflare:workers");
    vi.spyOn(env.ASSETS, "fetch").mockResolvedValue(new Response("", { status: 404 }));
    expect((await visit("/ui/")).status).toBe(500);
  });
});
