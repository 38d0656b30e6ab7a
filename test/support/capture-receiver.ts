// A receiver that accepts every batch and keeps its lines. It checks nothing. The receiver in local/receiver
// checks batches, but keeps only RayIDs.
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";
import { gunzipSync } from "node:zlib";

export class CaptureReceiver {
  url = "";
  lines: string[] = [];
  readonly #server = createServer((request, response) => {
    void buffer(request).then((body) => {
      this.lines.push(...gunzipSync(body).toString().trimEnd().split("\n"));
      response.end("OK");
    });
  });

  static async start(): Promise<CaptureReceiver> {
    const receiver = new CaptureReceiver();
    await new Promise<void>((resolve) => receiver.#server.listen(0, "127.0.0.1", resolve));
    receiver.url = `http://127.0.0.1:${(receiver.#server.address() as AddressInfo).port}`;
    return receiver;
  }

  /** The lines that arrived since the last call. */
  take(): string[] {
    const { lines } = this;
    this.lines = [];
    return lines;
  }

  stop(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }
}
