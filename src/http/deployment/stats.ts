// GET /stats: totals over the runs of all receivers, or of one. Reads the query and asks the registries.
import { STATS_ZONES, type StatsQuery } from "../../contract/stats.ts";
import { answer, type Context } from "../context.ts";
import type { FieldError } from "../problems/field-errors.ts";
import { parseInstant } from "../requests/instant.ts";
import { badParameters, wrongChoices, type QueryAnswer } from "../requests/list-query.ts";
import { mergedStats } from "./merge-stats.ts";
import { problem } from "../problems/problems.ts";
import { RECEIVER, registriesIn } from "../requests/receiver-query.ts";
import type { RunRoute } from "../runs/run-route.ts";
import { badInstant } from "../runs/runs-query.ts";
import { DAY_MS } from "../../contract/time-units.ts";

/** The length of the range if the query has no `since`. */
const DEFAULT_MS = 30 * DAY_MS;
/** The longest range. The answer has a member for each day, so a longer range would make the answer too large. */
const LONGEST_DAYS = 400;

export async function showStats({ url }: RunRoute, context: Context): Promise<Response> {
  const search = new URL(url).searchParams;
  const read = readStatsQuery(search, Date.now());
  if (!read.ok) return problem(read.refusal);
  const asked = await registriesIn(search, context);
  if (!asked.ok) return problem(asked.refusal);
  const views = await Promise.all(asked.chosen.map(({ registry }) => registry.stats(read.query)));
  return answer(200, mergedStats(views));
}

/** Reads ?since=&until=&zone= . The caller reads ?receiver= . Does no I/O. */
export function readStatsQuery(search: URLSearchParams, now: number): QueryAnswer<StatsQuery> {
  const errors = badParameters(search, ["since", "until", "zone", RECEIVER]);
  const until = instantOf(search, "until", errors) ?? now;
  const since = instantOf(search, "since", errors) ?? Math.max(0, until - DEFAULT_MS);
  if (since > until) errors.push({ parameter: "since", detail: "is after until" });
  if (until - since > LONGEST_DAYS * DAY_MS)
    errors.push({ parameter: "since", detail: `is more than ${LONGEST_DAYS} days before until` });
  const given = search.get("zone") ?? "UTC";
  const zone = STATS_ZONES.find((known) => known === given);
  if (zone === undefined) errors.push(...wrongChoices("zone", [given], STATS_ZONES));
  if (zone === undefined || errors.length > 0)
    return { ok: false, refusal: { code: "invalid_query", errors } };
  return { ok: true, query: { since, until, zone } };
}

/** Reads an instant of the query. Null: the parameter is absent, or `errors` contains its error. */
function instantOf(search: URLSearchParams, name: string, errors: FieldError[]): number | null {
  const text = search.get(name);
  if (text === null) return null;
  const instant = parseInstant(text);
  if (instant.ok) return instant.ms;
  errors.push(badInstant(name, text, instant.detail));
  return null;
}
