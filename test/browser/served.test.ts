// Checks what the page loads: only from its own origin, only what its Content Security Policy allows, and few bytes.
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { DIST_DIR } from "../../local/build/dist-dir.ts";
import { axe } from "./support/axe.ts";
import { sharedBrowserStack } from "./support/browser-stack.ts";
import { inEveryLook } from "./support/looks.ts";
import { bytesOf, MAX_PAGE_BYTES } from "./support/page-bytes.ts";

const { stack, open } = sharedBrowserStack({ logs: { files: 1, lines: [10] } });

function get(path: string, headers: Record<string, string> = {}): Promise<Response> {
  return fetch(`${stack().dev.url}${path}`, { headers, redirect: "manual" });
}

async function scripts(): Promise<string[]> {
  const html = await (await get("/ui/")).text();
  return [...html.matchAll(/(?:src|href)="(\/ui\/[^"]+)"/g)].map((found) => found[1] ?? "");
}

describe("the address space", () => {
  it("redirects /, and answers every place below /ui/ with one document", async () => {
    const root = await get("/");
    expect([root.status, root.headers.get("Location")]).toEqual([302, "/ui/"]);
    const home = await (await get("/ui/")).text();
    for (const path of ["/ui/runs", "/ui/runs/x", "/ui/runs/x/files?state=failed"]) {
      const answer = await get(path);
      expect([answer.status, answer.headers.get("Content-Type")], path).toEqual([
        200,
        "text/html; charset=utf-8",
      ]);
      expect(await answer.text(), path).toBe(home);
    }
  });

  it("leaves /runs/x to the API, and answers 404 for a missing file, which no browser may keep", async () => {
    const navigation = await get("/runs/x", { "Sec-Fetch-Mode": "navigate", Accept: "text/html" });
    expect([navigation.status, navigation.headers.get("Content-Type")]).toEqual([
      401,
      "application/problem+json",
    ]);
    for (const path of ["/ui/assets/00000000/main-00000000.js", "/ui/nothing.js"]) {
      const { status, headers } = await get(path, { Accept: "text/html" });
      expect(status, path).toBe(404);
      expect(headers.get("Content-Type") ?? "", path).not.toContain("html");
      expect(headers.get("Cache-Control") ?? "", path).not.toContain("immutable");
    }
  });

  it("answers 304 to a known ETag, with and without the Worker", async () => {
    for (const path of ["/ui/", ...(await scripts())]) {
      const etag = (await get(path)).headers.get("ETag") ?? "";
      expect(etag, path).not.toBe("");
      expect((await get(path, { "If-None-Match": etag })).status, path).toBe(304);
    }
  });

  it("has the same policy on the document and on files that the Worker does not see", async () => {
    const policies = new Set<string | null>();
    for (const path of ["/ui/", ...(await scripts())]) {
      const { headers } = await get(path);
      policies.add(headers.get("Content-Security-Policy"));
      expect(headers.get("X-Content-Type-Options"), path).toBe("nosniff");
    }
    expect([...policies]).toEqual([expect.stringContaining("trusted-types 'none'")]);
    for (const path of await scripts())
      expect((await get(path)).headers.get("Cache-Control"), path).toContain("immutable");
  });

  it("keeps source maps and build files to itself", async () => {
    const folder = (await scripts())[0]?.replace(/[^/]+$/, "");
    for (const map of await readdir(join(DIST_DIR, "maps")))
      expect((await get(`${folder}${map}`)).status, map).toBe(404);
    for (const path of ["/_headers", "/.assetsignore", "/maps/"]) expect((await get(path)).status).toBe(401);
  });
});

describe("the page", () => {
  it.each([
    ["/ui/", "zh"],
    ["/ui/new", "en"],
    ["/ui/new", "zh"],
    ["/ui/coverage", "zh"],
    ["/ui/runs/20260422T140000Z_20260422T150000Z_20200101T000000Z", "zh"],
    ["/ui/runs/20260422T140000Z_20260422T150000Z_20200101T000000Z/evidence", "zh"],
  ] as const)("loads at most 60 KB, compressed, for %s in %s", async (path, lang) => {
    const bytes = await bytesOf(open, path, lang);
    expect(bytes).toBeGreaterThan(20_000);
    expect(bytes).toBeLessThanOrEqual(MAX_PAGE_BYTES);
  });

  it.each(["en", "zh"] as const)("shows itself in %s, in every look, without a fault", async (lang) => {
    const page = await open("/ui/", { lang });
    await page.getByRole("heading").first().waitFor();
    await inEveryLook(page, async (look) => {
      expect(await axe(page, look), look).toEqual([]);
      expect(await page.evaluate(() => document.documentElement.scrollWidth), look).toBeLessThanOrEqual(
        page.viewportSize()?.width ?? 0,
      );
    });
  });

  it("shows itself without a token", async () => {
    const page = await open("/ui/", { role: "none" });
    await page.getByRole("heading").first().waitFor();
    expect(await axe(page)).toEqual([]);
  });

  it("cannot run text as a script, nor write HTML", async () => {
    const page = await open("/ui/", { tolerated: [/policy broken|TrustedHTML|Content Security Policy/] });
    const outcome = await page.evaluate(() => {
      try {
        document.body.innerHTML = "<img src=x onerror=alert(1)>";
        return "written";
      } catch (error) {
        return String(error);
      }
    });
    expect(outcome).toContain("TrustedHTML");
  });
});
