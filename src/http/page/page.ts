// Serves the page and the command line from the binding ASSETS. Their files contain no data, so these paths need no
// credential. A path with a file of its own is answered with that file or 404. Every other path below /ui/ is a
// place inside the page, so the answer is the one document.
import type { Env } from "../../platform/env.ts";
import { PAGE_HEADERS } from "./page-headers.ts";
import { problem } from "../problems/problems.ts";

const PAGE_PATH = /^\/(?:ui(?:\/.*)?)?$/s;
const DOCUMENT = "/ui/";
/** The path of a file. The path of a place inside the page never ends like the path of a file. */
const FILE_PATH = /^\/ui\/assets\/|\.(?:css|html|ico|js|json|map|mjs|png|svg|txt|webmanifest|xml)$/s;
/** The request headers that are passed on to ASSETS, because they decide whether and how a file is sent. Other
 * headers, such as credentials, are not passed on. */
const PASSED_ON = ["If-None-Match", "Accept-Encoding"];

export function isPagePath(pathname: string): boolean {
  return PAGE_PATH.test(pathname);
}

/** @throws Error when dist/ was not built, because a deployment without the page is a fault. */
export async function showPage(request: Request, env: Pick<Env, "ASSETS">): Promise<Response> {
  if (request.method !== "GET") return problem({ code: "method_not_allowed", allow: ["GET", "HEAD"] });
  const { pathname } = new URL(request.url);
  if (pathname === "/" || pathname === "/ui") return withPageHeaders(redirectTo(DOCUMENT));
  const isFile = FILE_PATH.test(pathname);
  const found = await askAssets(request, env, isFile ? pathname : DOCUMENT);
  if (found.status !== 404) return withPageHeaders(found);
  await found.body?.cancel();
  if (isFile) return problem({ code: "no_such_route" });
  throw new Error("dist/ui/index.html is missing: npm run build");
}

function redirectTo(location: string): Response {
  return new Response(null, { status: 302, headers: { Location: location } });
}

function askAssets(request: Request, env: Pick<Env, "ASSETS">, pathname: string): Promise<Response> {
  const headers = new Headers();
  for (const name of PASSED_ON) {
    const value = request.headers.get(name);
    if (value !== null) headers.set(name, value);
  }
  return env.ASSETS.fetch(new URL(pathname, request.url), { headers, redirect: "manual" });
}

function withPageHeaders(response: Response): Response {
  const answer = new Response(response.body, response);
  for (const [name, value] of Object.entries(PAGE_HEADERS)) answer.headers.set(name, value);
  return answer;
}
