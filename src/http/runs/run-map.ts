// GET /runs/:id/map: the files of a run over its window.
import { answer, type Context } from "../context.ts";
import { refuseParameters } from "../requests/list-query.ts";
import { problem } from "../problems/problems.ts";
import { type RunRoute, withRun } from "./run-route.ts";

/** Each call of the run reads at most 10,000 files, so that no sender waits long. A run has fewer files than this allows. */
const MOST_CALLS = 500;

export async function showMap(route: RunRoute, context: Context): Promise<Response> {
  const parameters = refuseParameters(new URL(route.url).searchParams);
  if (parameters) return problem(parameters);
  return withRun(route, context, async (run, id) => {
    for (let call = 0; call < MOST_CALLS; call++) {
      const answered = await run.map();
      if (!answered.ok) return problem({ code: "start_unconfirmed", run: id });
      if (answered.map !== null) return answer(200, answered.map);
    }
    throw new Error("the map of the run has no end");
  });
}
