// The receiver's control API, for whoever drives it from another process. Loopback only, no authentication.
//   GET    /_control           statistics and the rules still waiting
//   POST   /_control           a behaviour ({latency_ms, rules}); {refuse_ms} refuses connections for so long
//   DELETE /_control           forgets what was received
//   GET    /_control/rays      "RayID<TAB>count" per line, accepted lines only
//   GET    /_control/requests  NDJSON, a line per request
import type { IncomingMessage, ServerResponse } from "node:http";
import { Readable } from "node:stream";
import { json } from "node:stream/consumers";
import { pipeline } from "node:stream/promises";
import type { Behaviour } from "./behaviour.ts";
import type { Receiver } from "./server.ts";

/** Lines joined to one chunk: a chunk per line would take seconds for a million of them. */
const LINES_PER_CHUNK = 5_000;

export async function handleControl(
  receiver: Receiver,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  try {
    await route(receiver, request, response);
  } catch (error) {
    if (!response.headersSent) response.writeHead(400);
    response.end(error instanceof Error ? error.message : "bad request");
  }
}

async function route(receiver: Receiver, request: IncomingMessage, response: ServerResponse): Promise<void> {
  switch (`${request.method} ${request.url}`) {
    case "GET /_control":
      return sendJson(response, { ...receiver.stats(), rules: receiver.book.rules() });
    case "POST /_control":
      await change(receiver, await json(request));
      return sendJson(response, { rules: receiver.book.rules() });
    case "DELETE /_control":
      receiver.forget();
      return sendJson(response, receiver.stats());
    case "GET /_control/rays":
      return sendLines(
        response,
        lines(receiver.tally.rayIds, ([rayId, count]) => `${rayId}\t${count}`),
      );
    case "GET /_control/requests":
      return sendLines(
        response,
        lines(receiver.tally.requests, (log) => JSON.stringify(log)),
      );
    default:
      response.writeHead(404).end();
  }
}

async function change(receiver: Receiver, wanted: unknown): Promise<void> {
  if (typeof wanted !== "object" || wanted === null) throw new TypeError("an object is needed");
  const { refuse_ms: refuseMs, ...behaviour } = wanted as Behaviour & { refuse_ms?: number };
  receiver.behave(behaviour);
  // Answered at once, through the control port: this one closes.
  if (refuseMs !== undefined) void receiver.refuseFor(refuseMs);
}

function sendJson(response: ServerResponse, value: unknown): void {
  response.writeHead(200, { "Content-Type": "application/json" }).end(`${JSON.stringify(value, null, 2)}\n`);
}

async function sendLines(response: ServerResponse, chunks: Iterable<string>): Promise<void> {
  response.writeHead(200, { "Content-Type": "text/plain" });
  await pipeline(Readable.from(chunks), response);
}

function* lines<T>(items: Iterable<T>, write: (item: T) => string): Generator<string> {
  let chunk: string[] = [];
  for (const item of items) {
    chunk.push(`${write(item)}\n`);
    if (chunk.length === LINES_PER_CHUNK) {
      yield chunk.join("");
      chunk = [];
    }
  }
  if (chunk.length > 0) yield chunk.join("");
}
