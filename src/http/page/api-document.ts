// GET /openapi.json: the document that the build wrote into dist/. It describes this deployment, so it needs a credential.
import { answerStream, type Context } from "../context.ts";
import { refuseParameters } from "../requests/list-query.ts";
import { problem } from "../problems/problems.ts";
import type { RunRoute } from "../runs/run-route.ts";

/** The path of the file below dist/. */
const FILE = "/openapi.json";

/** @throws Error when dist/ was not built, because a deployment without the document is a fault. */
export async function showApiDocument({ url }: RunRoute, { env }: Context): Promise<Response> {
  const parameters = refuseParameters(new URL(url).searchParams);
  if (parameters) return problem(parameters);
  const found = await env.ASSETS.fetch(new URL(FILE, url));
  if (found.status !== 200 || found.body === null)
    throw new Error("dist/openapi.json is missing: npm run build");
  return answerStream("application/json; charset=utf-8", found.body);
}
