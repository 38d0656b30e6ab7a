// A server on a loopback port that answers as a test says, and remembers what it was asked.
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

export interface Asked {
  method: string;
  url: string;
  headers: IncomingMessage["headers"];
  body: string;
}

/** Answers one request. "cut" closes the connection without an answer. */
export type Reply = "cut" | { status: number; body?: unknown; headers?: Record<string, string> };

export class ScriptedServer {
  readonly asked: Asked[] = [];
  readonly url: string;
  readonly #close: () => Promise<void>;

  private constructor(url: string, close: () => Promise<void>) {
    this.url = url;
    this.#close = close;
  }

  /** `reply` gets the request and how many requests came before. */
  static async start(reply: (asked: Asked, n: number) => Reply): Promise<ScriptedServer> {
    const answer = async (request: IncomingMessage, response: ServerResponse) => {
      const chunks: Uint8Array[] = [];
      for await (const chunk of request) chunks.push(chunk as Uint8Array);
      const { method = "", url = "", headers } = request;
      const asked = { method, url, headers, body: Buffer.concat(chunks).toString("utf8") };
      const said = reply(asked, scripted.asked.length);
      scripted.asked.push(asked);
      if (said === "cut") return request.socket.destroy();
      response.writeHead(said.status, { "Content-Type": "application/json", ...said.headers });
      return response.end(typeof said.body === "string" ? said.body : JSON.stringify(said.body ?? {}));
    };
    const server = createServer((request, response) => void answer(request, response));
    await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as AddressInfo;
    const close = () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      });
    const scripted = new ScriptedServer(`http://127.0.0.1:${port}`, close);
    return scripted;
  }

  stop(): Promise<void> {
    return this.#close();
  }
}
