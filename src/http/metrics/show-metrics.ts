// GET /metrics, for Prometheus.
import { receiverIdOf } from "../../platform/config.ts";
import type { Env } from "../../platform/env.ts";
import type { Log } from "../../platform/log.ts";
import type { Context } from "../context.ts";
import { refuseParameters } from "../requests/list-query.ts";
import { problem } from "../problems/problems.ts";
import type { RunRoute } from "../runs/run-route.ts";
import { FAMILIES } from "./families.ts";
import { METRICS_TYPE, metricText } from "./metric-text.ts";
import { scrape, type Scraped } from "./scrape.ts";

export async function showMetrics({ url }: RunRoute, { env, config, log }: Context): Promise<Response> {
  return metricsOf(url, { env, isEnabled: config.enabled, namedReceivers: config.namedReceivers, log });
}

/** The answer while a var or a secret is unusable. `backfill_enabled` is 0, and the runs have their usual metrics. */
export async function showMetricsDisabled(
  { url }: Pick<RunRoute, "url">,
  env: Env,
  log: Log,
): Promise<Response> {
  return metricsOf(url, { env, isEnabled: false, namedReceivers: new Map(), log });
}

async function metricsOf(url: string, asked: Omit<Scraped, "receiverId">): Promise<Response> {
  const parameters = refuseParameters(new URL(url).searchParams);
  if (parameters) return problem(parameters);
  const seen = await scrape({ ...asked, receiverId: receiverIdOf(asked.env) });
  return new Response(metricText(FAMILIES, seen), { headers: { "Content-Type": METRICS_TYPE } });
}
