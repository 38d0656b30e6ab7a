// The refusals of work that may be done only once at a time. problems.ts joins the refusals of all files.
import type { Problem } from "./problem.ts";

export type UnderWayRefusal = { code: "dry_run_under_way" | "query_under_way"; run: string };

/** The Retry-After while another search is under way, in seconds. A search takes at most 20 s. */
const SEARCH_RETRY_AFTER = "10";

export function underWayProblem({ code, run }: UnderWayRefusal): Problem {
  if (code === "dry_run_under_way")
    return {
      status: 409,
      title: "A dry run is under way",
      detail: `run ${run} has not ended; one dry run counts at a time`,
      more: { run },
    };
  return {
    status: 429,
    title: "Another search is under way",
    detail: `run ${run} answers one search for a RayID at a time; repeat the request later`,
    more: { run },
    headers: { "Retry-After": SEARCH_RETRY_AFTER },
  };
}
