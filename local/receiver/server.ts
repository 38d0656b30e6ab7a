// The fake partner: a real HTTP server on loopback that checks every batch, counts accepted lines, and
// misbehaves on command. Owns the life of a request. The check-* files contain the partner's rules, and
// behaviour.ts the deliberate faults.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as wait } from "node:timers/promises";
import { accepts, BehaviourBook, type Behaviour, type Rule } from "./behaviour.ts";
import { checkBody } from "./check-body.ts";
import { headViolations, type Agreement } from "./check-request.ts";
import { handleControl } from "./control.ts";
import { Tally, type ReceiverStats, type RequestLog } from "./tally.ts";

export interface ReceiverOptions {
  /** The port of the receiver. 0: any free port. */
  port?: number;
  /** The port of the control API, which answers even while the receiver refuses connections. 0: any free port. */
  controlPort?: number;
  uri: string;
  key: string;
  clockSlackMs?: number;
  behaviour?: Behaviour;
  /** The receiver closes its port on purpose, to simulate refused connections. Called when it cannot open the port
   * again afterwards. Absent: an exception is thrown. */
  onLost?: (error: Error) => void;
}

const now = () => performance.timeOrigin + performance.now();

/** How often idle connections are closed while connections are refused. */
const CLOSE_IDLE_EVERY_MS = 20;
const CUT_AFTER_MS = 50;
const CRUMB_EVERY_MS = 300;

export class Receiver {
  tally = new Tally();
  readonly book = new BehaviourBook();
  readonly #agreement: Agreement;
  readonly #signatures = new Set<string>();
  readonly #server: Server;
  #refusing = false;
  #stopped = false;
  readonly #control: Server;
  #port = 0;
  readonly onLost: (error: Error) => void;

  constructor(options: ReceiverOptions) {
    this.#agreement = { uri: options.uri, key: options.key, clockSlackMs: options.clockSlackMs ?? 5_000 };
    this.book.change(options.behaviour ?? {});
    this.onLost = options.onLost ?? throwIt;
    const onRequest = (request: IncomingMessage, response: ServerResponse) => {
      const control = request.url?.startsWith("/_control");
      void (control ? handleControl(this, request, response) : this.#receive(request, response));
    };
    // The server closes no idle connection, because a sender that is about to reuse it would see a reset. No time
    // limit applies to a slow body.
    this.#server = createServer({ keepAliveTimeout: 600_000, requestTimeout: 0 }, onRequest);
    this.#control = createServer(onRequest);
  }

  static async start(options: ReceiverOptions): Promise<Receiver> {
    const receiver = new Receiver(options);
    receiver.#port = await listen(receiver.#server, options.port ?? 0);
    try {
      await listen(receiver.#control, options.controlPort ?? 0);
    } catch (error) {
      await new Promise((resolve) => receiver.#server.close(resolve));
      throw error;
    }
    return receiver;
  }

  get isRefusing(): boolean {
    return this.#refusing;
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  get controlUrl(): string {
    return `http://127.0.0.1:${portOf(this.#control)}/_control`;
  }

  behave(behaviour: Behaviour): void {
    this.book.change(behaviour);
  }

  stats(): ReceiverStats {
    return this.tally.stats();
  }

  /** Forgets what was received. The behaviour stays. */
  forget(): void {
    this.tally = new Tally();
  }

  /** Closes the listening socket, so that connections are refused. Opens it again after `ms`. */
  async refuseFor(ms: number): Promise<void> {
    this.#refusing = true;
    const closed = new Promise((resolve) => this.#server.close(resolve));
    // A busy sender would keep using its open connections. Each is closed after the answer under way.
    const ends = setInterval(() => this.#server.closeIdleConnections(), CLOSE_IDLE_EVERY_MS);
    this.#server.closeIdleConnections();
    await wait(ms);
    clearInterval(ends);
    this.#refusing = false;
    if (this.#stopped) return;
    // A hanging request would keep the old socket, and the port, forever.
    this.#server.closeAllConnections();
    await closed;
    await listen(this.#server, this.#port);
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    const servers = [this.#server, this.#control];
    const closed = servers.map((server) => new Promise((resolve) => server.close(resolve)));
    for (const server of servers) server.closeAllConnections();
    await Promise.all(closed);
  }

  async #receive(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { tally } = this;
    if (this.#refusing) response.setHeader("Connection", "close");
    const log = tally.began(now());
    response.once("close", () => tally.closed());
    const early = this.book.beforeBody();
    if (early !== null) log.why = early.do;
    if (early?.do === "reset") {
      request.socket.resetAndDestroy();
      return;
    }
    try {
      const body = await readBody(request, early?.do === "slow_read" ? early.bytes_per_second : Infinity);
      log.body_at = now();
      await this.#decide(request, response, body, log);
    } catch (error) {
      // The sender ended the connection in the middle of its body, so no line was accepted.
      log.why ??= error instanceof Error ? error.message : "aborted";
    }
  }

  async #decide(
    request: IncomingMessage,
    response: ServerResponse,
    body: Buffer,
    log: RequestLog,
  ): Promise<void> {
    const head = { method: request.method ?? "", url: request.url ?? "/", headers: request.headers };
    const violations = headViolations(head, this.#agreement, log.headers_at);
    if (this.#signatures.has(head.url)) this.tally.reusedSignatures += 1;
    this.#signatures.add(head.url);
    const checked = await checkBody(body);
    if (checked.ok) log.lines = checked.rayIds.length;
    for (const { code } of violations) this.tally.violated(log, code, "");
    if (!checked.ok) this.tally.violated(log, checked.code, checked.detail);

    const rule = this.book.afterBody(checked.ok ? checked.rayIds : []);
    const wrong = violations[0]?.status ?? (checked.ok ? null : 400);
    if (rule !== null && wrong === null) log.why = rule.do;
    if (checked.ok && wrong === null && accepts(rule)) this.tally.accepted(log, checked.rayIds);
    const latencyMs = this.book.latencyMs();
    if (latencyMs > 0) await wait(latencyMs);
    answer(
      response,
      log,
      rule ?? (wrong === null ? null : { do: "status", status: wrong, body: log.why ?? "" }),
    );
  }
}

function throwIt(error: Error): never {
  throw error;
}

type Answer = Omit<Extract<Rule, { do: "status" }>, "do">;

function answer(response: ServerResponse, log: RequestLog, rule: Rule | null): void {
  if (rule?.do === "hang") return;
  if (rule?.do === "reset") {
    response.socket?.resetAndDestroy();
    return;
  }
  // The sender may have given up during the latency and learned nothing.
  if (response.destroyed) return;
  const status: Answer = rule?.do === "status" ? rule : { status: 200 };
  if (status.retry_after !== undefined) response.setHeader("Retry-After", status.retry_after);
  if (status.location !== undefined) response.setHeader("Location", status.location);
  const body = typeof status.body === "string" ? status.body : status.status === 200 ? "OK" : "";
  response.setHeader("Content-Type", status.content_type ?? "text/plain");
  if (status.content_encoding !== undefined) response.setHeader("Content-Encoding", status.content_encoding);
  endWith(response, status, body);
  log.status = status.status;
  log.answered_at = now();
}

function endWith(response: ServerResponse, { status, ends }: Answer, body: string): void {
  if (ends === undefined) {
    response.writeHead(status).end(body);
    return;
  }
  if (ends === "cut") {
    response.writeHead(status, { "Content-Length": Buffer.byteLength(body) + 8 });
    response.flushHeaders();
    // The part of the body must be sent before the connection ends.
    response.write(body, () => setTimeout(() => response.socket?.end(), CUT_AFTER_MS));
    return;
  }
  response.writeHead(status).write(body);
  const crumbs = setInterval(() => response.write("."), CRUMB_EVERY_MS);
  response.once("close", () => clearInterval(crumbs));
}

async function readBody(request: IncomingMessage, bytesPerSecond: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request as AsyncIterable<Buffer>) {
    chunks.push(chunk);
    if (Number.isFinite(bytesPerSecond)) await wait((chunk.length / bytesPerSecond) * 1_000);
  }
  if (!request.complete) throw new Error("aborted");
  return Buffer.concat(chunks);
}

function portOf(server: Server): number {
  const address: AddressInfo | string | null = server.address();
  if (address === null || typeof address === "string") throw new Error("the receiver is not listening");
  return address.port;
}

/** Listens on loopback only. Rejects with a message that contains the port. */
async function listen(server: Server, port: number): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) =>
      reject(
        error.code === "EADDRINUSE"
          ? new Error(`port ${port} on 127.0.0.1 is in use`)
          : new Error(`cannot listen on port ${port}: ${error.message}`),
      ),
    );
    server.listen(port, "127.0.0.1", () => {
      server.removeAllListeners("error");
      resolve();
    });
  });
  return portOf(server);
}
