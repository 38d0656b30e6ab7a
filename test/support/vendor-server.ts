// Serves the stand-in for a receiver of the kind http on loopback. Every tenth request fails, before or after its lines
// are stored.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";
import type { Failure, Vendor } from "./vendor-receivers.ts";

export class VendorServer {
  requests = 0;
  url = "";
  readonly #server: Server;

  constructor(vendor: Vendor) {
    this.#server = createServer((request, response) => {
      // A kill cuts a request in the middle. The receiver then stores nothing of it.
      void buffer(request).then(
        (body) => this.#take(vendor, request, response, body),
        () => undefined,
      );
    });
  }

  #take(vendor: Vendor, request: IncomingMessage, response: ServerResponse, body: Uint8Array): void {
    this.requests += 1;
    const n = this.requests;
    const failure: Failure = n % 10 !== 5 ? null : n % 20 === 5 ? "before" : "after";
    const headers = new Map(Object.entries(request.headers).map(([name, value]) => [name, String(value)]));
    const url = new URL(request.url ?? "", this.url);
    const answer = vendor.answer({ method: request.method ?? "", url, headers, body }, failure);
    // Slow enough that the kill hits a run with open requests.
    setTimeout(() => response.writeHead(answer.status).end(answer.body), 150);
  }

  async start(): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(0, "127.0.0.1", resolve));
    this.url = `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  stop(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }
}
