// A live worker that could not deliver a window and reports it. Each path makes one call that the tests need.
import type { BackfillServiceApi } from "../../../src/contract/service.ts";

interface Env {
  BACKFILL: BackfillServiceApi;
  STRANGER: BackfillServiceApi;
}

interface Window {
  start: string;
  end: string;
}

export default {
  async fetch(request: Request, { BACKFILL, STRANGER }: Env): Promise<Response> {
    const { pathname, searchParams } = new URL(request.url);
    switch (pathname) {
      case "/not-delivered": {
        const window = await request.json<Window>();
        const key = { idempotencyKey: `live-worker ${window.start}` };
        const body = { windows: [window], reason: "the partner answered 503" };
        return Response.json(await BACKFILL.queueWindows(body, key));
      }
      case "/start": {
        const window = await request.json<Window>();
        return Response.json(await BACKFILL.startRun({ ...window, note: "the partner answered 503" }));
      }
      case "/coverage":
        return Response.json(await BACKFILL.coverage(await request.json<Window>()));
      case "/status":
        return Response.json(await BACKFILL.status(searchParams.get("run") ?? ""));
      case "/stranger": {
        const window = await request.json<Window>();
        return Response.json([await STRANGER.health(), await STRANGER.startRun(window)]);
      }
      default:
        return Response.json(await hostileCalls(BACKFILL));
    }
  },
};

/** Arguments that only another Worker can pass. A stream can be passed only once, so each call gets a new value. */
async function hostileCalls(service: BackfillServiceApi): Promise<unknown[]> {
  const cyclic: Record<string, unknown> = {};
  cyclic["windows"] = [cyclic];
  const values: (() => unknown)[] = [
    () => () => 1,
    () => cyclic,
    () => new Map([["start", 1]]),
    () => "x".repeat(2_000_000),
    () => new ReadableStream(),
  ];
  const answers: unknown[] = [];
  for (const value of values) {
    answers.push(await service.queueWindows(value() as never), await service.startRun(value() as never));
  }
  return answers;
}
