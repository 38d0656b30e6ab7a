// The receiver's control API, for other processes. It listens only on loopback and has no authentication.
//   GET    /_control           statistics and the rules that still wait
//   POST   /_control           a behaviour ({latency_ms, rules}); {refuse_ms} refuses connections for this time.
//                              Answers 400 with {"error"} to anything else and changes nothing
//   DELETE /_control           forgets what was received
//   GET    /_control/rays      "RayID<TAB>count" per line, accepted lines only
//   GET    /_control/requests  NDJSON, a line per request
import type { IncomingMessage, ServerResponse } from "node:http";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { readControl } from "./read-behaviour.ts";
import type { Behaviour, BehaviourBook } from "./behaviour.ts";
import type { ReceiverStats, Tally } from "./tally.ts";

/** The part of the receiver that the control API uses. */
export interface ControlledReceiver {
  readonly book: BehaviourBook;
  readonly tally: Tally;
  readonly isRefusing: boolean;
  readonly onLost: (error: Error) => void;
  stats(): ReceiverStats;
  forget(): void;
  behave(behaviour: Behaviour): void;
  refuseFor(ms: number): Promise<void>;
}

/** How many lines one chunk has. With one line per chunk, a million lines would take seconds. */
const LINES_PER_CHUNK = 5_000;
/** The largest body of a request. It has room for thousands of rules. */
const MAX_BODY_BYTES = 1024 * 1024;

const METHODS: Record<string, string[]> = {
  "/_control": ["GET", "POST", "DELETE"],
  "/_control/rays": ["GET"],
  "/_control/requests": ["GET"],
};

export async function handleControl(
  receiver: ControlledReceiver,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  try {
    await route(receiver, request, response);
  } catch (error) {
    const text = error instanceof Error ? error.message : "bad request";
    if (response.headersSent) response.destroy();
    else sendJson(response, { error: text }, 400);
  }
}

async function route(
  receiver: ControlledReceiver,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const allowed = METHODS[request.url ?? ""];
  if (allowed === undefined) {
    const paths = Object.keys(METHODS).join(", ");
    return sendJson(response, { error: `there is no ${request.url}, only ${paths}` }, 404);
  }
  switch (`${request.method} ${request.url}`) {
    case "GET /_control":
      return sendJson(response, { ...receiver.stats(), rules: receiver.book.rules() });
    case "POST /_control":
      change(receiver, await bodyOf(request));
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
      response.setHeader("Allow", allowed.join(", "));
      return sendJson(response, { error: `${request.url} takes ${allowed.join(", ")}` }, 405);
  }
}

async function bodyOf(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > MAX_BODY_BYTES) throw new Error(`the body is longer than ${MAX_BODY_BYTES} bytes`);
    chunks.push(chunk);
  }
  try {
    return JSON.parse(Buffer.concat(chunks).toString("utf8"));
  } catch {
    throw new Error("the body is not JSON");
  }
}

/** Changes the behaviour. Checks everything before it changes anything. */
function change(receiver: ControlledReceiver, wanted: unknown): void {
  const { behaviour, refuseMs } = readControl(wanted);
  if (refuseMs !== null && receiver.isRefusing) throw new Error("connections are refused already");
  receiver.behave(behaviour);
  // The call is not awaited, so that the control port answers at once while the main port closes.
  if (refuseMs !== null) void receiver.refuseFor(refuseMs).catch(receiver.onLost);
}

function sendJson(response: ServerResponse, value: unknown, status = 200): void {
  const headers = { "Content-Type": "application/json" };
  response.writeHead(status, headers).end(`${JSON.stringify(value, null, 2)}\n`);
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
