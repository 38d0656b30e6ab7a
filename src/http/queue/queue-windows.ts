// Queues windows: what POST /windows and other callers in this Worker have in common. Checks the request, asks the
// bucket or Coverage where the request needs it, and makes one call to the registry.
import type { Idempotency } from "../../contract/registry.ts";
import type { AskedWindow, QueueView, WindowOutcome } from "../../contract/windows.ts";
import { patientLists } from "../../listing/list-pages.ts";
import { oldestDay } from "../../listing/oldest-day.ts";
import { coverageObject } from "../../platform/objects.ts";
import type { Context } from "../context.ts";
import { forReceiver, withReceiver, recalled, useReceiver } from "../registries.ts";
import type { Refusal } from "../problems/problems.ts";
import { splitWindow } from "../requests/window.ts";
import { readWindowsRequest, type WindowsRequest } from "./windows-request.ts";

export type QueueWindowsAnswer =
  | { ok: true; receiver: string; replayed: boolean; outcomes: WindowOutcome[]; queue: QueueView }
  | { ok: false; refusal: Refusal };

/** After which time a client tries again when Coverage does not return how long its work takes. */
const COVERAGE_RETRY_MS = 5_000;

/** `json` is the body of POST /windows. A request with a known key gets the first answer, before any other check. */
export async function queueWindows(
  json: unknown,
  actor: string,
  idempotency: Idempotency | null,
  base: Pick<Context, "env" | "config" | "registry" | "now">,
): Promise<QueueWindowsAnswer> {
  if (idempotency) {
    const known = await recalled(base, (registry) => registry.recallWindows(idempotency));
    if (known?.answer.ok) return withReceiver({ ...known.answer, replayed: true }, known.receiver);
    if (known) return no({ code: "idempotency_mismatch" });
  }
  const read = readWindowsRequest(json, base.config, actor, base.now);
  if (!read.ok) return read;
  const receiver = read.request.wanted.receiver ?? null;
  const context = forReceiver(base, receiver);
  const { config } = context;
  const { asked: _asked, skipsLive, ...request } = read.request;
  const found = await windowsOf(read.request, context);
  if (!found.ok) return found;
  const rules = {
    coalesceMs: skipsLive ? config.coalesceMs : 0,
    perSourcePerMinute: config.maxWindowsPerSourcePerMinute,
  };
  await useReceiver(base, receiver);
  const whole = { ...request, ...rules, actor, windows: found.windows };
  const answer =
    receiver === null
      ? await context.registry.queueWindows(whole, idempotency)
      : await context.registry.queueNamedWindows(whole, idempotency);
  if (answer.ok) return withReceiver(answer, receiver);
  return answer.code === "queue_full"
    ? no({ code: "queue_full", detail: answer.detail })
    : no({ code: "idempotency_mismatch" });
}

type Found = { ok: true; windows: AskedWindow[] } | { ok: false; refusal: Refusal };

async function windowsOf(
  { asked, wanted, skipsLive }: WindowsRequest,
  { env, config, now }: Pick<Context, "env" | "config" | "now">,
): Promise<Found> {
  switch (asked.kind) {
    case "windows":
      return { ok: true, windows: asked.windows };
    case "series": {
      const { endMs, chunkMs, order } = asked;
      const list = patientLists(env.LOGS, () => now);
      const startMs = asked.startMs ?? (await oldestDay(list, config.logPrefix, wanted.folders));
      if (startMs === null || startMs >= endMs) {
        const detail = "no raw log file older than the late margin is found";
        return no({ code: "no_raw_files", detail });
      }
      return { ok: true, windows: [{ kind: "series", startMs, endMs, chunkMs, order }] };
    }
    case "holes": {
      const range = { startMs: asked.startMs, endMs: asked.endMs };
      const view = await coverageObject(env).view(range, "exact", false);
      if (!view.complete)
        return no({ code: "coverage_incomplete", retryAfterMs: view.retry_after_ms ?? COVERAGE_RETRY_MS });
      // With skip_delivered, the outer window of a hole is used, because the run skips the lines that the live
      // worker delivered. Without skip_delivered, the outer window would send these lines twice.
      const spans = view.holes.map(({ inner, outer }) => (skipsLive ? outer : inner));
      return { ok: true, windows: spans.flatMap((span) => windowsIn(span, range)) };
    }
  }
}

/** Returns the windows of one span. They are the shortest window in whole seconds that contains the span and its first
 * instant, split if it is too long. No window reaches beyond the range. */
function windowsIn(
  span: { start: string; end: string },
  range: { startMs: number; endMs: number },
): AskedWindow[] {
  const startMs = Math.max(range.startMs, Math.floor(Date.parse(span.start) / 1_000) * 1_000);
  const spanEndMs = Math.max(Date.parse(span.end), Date.parse(span.start) + 1);
  const endMs = Math.min(range.endMs, Math.ceil(spanEndMs / 1_000) * 1_000);
  if (startMs >= endMs) return [];
  return splitWindow({ startMs, endMs, endExclusive: true }).map((window) => ({ kind: "window", ...window }));
}

function no(refusal: Refusal): { ok: false; refusal: Refusal } {
  return { ok: false, refusal };
}
