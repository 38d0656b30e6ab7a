// Malformed requests that no client library sends, written byte by byte to the Worker's socket. The runtime's parser
// accepts them, so the Worker gets them. test/workerd/http-hostile.test.ts has the other requests.
import { connect } from "node:net";
import { expect, test } from "vitest";
import { API_TOKEN, startStack } from "../support/stack.ts";

/** Sends the text. With `half` it then closes the sending direction. Returns everything that came back. */
function exchange(port: number, text: string, half: boolean): Promise<string> {
  return new Promise((resolve, reject) => {
    let got = "";
    const socket = connect(port, "127.0.0.1", () => (half ? socket.end(text) : socket.write(text)));
    socket.setEncoding("latin1");
    socket.setTimeout(10_000, () => socket.destroy());
    socket.on("data", (chunk: string) => (got += chunk));
    socket.on("error", reject);
    socket.on("close", () => resolve(got));
  });
}

function lines(...parts: string[]): string {
  return [...parts, "", ""].join("\r\n");
}

test("refuses HEAD with a body and a body that breaks off, and logs no error", async () => {
  const { dev, operator } = await startStack({ logs: { files: 1, lines: 10 } });
  const { port, host } = new URL(dev.url);
  const token = `Authorization: Bearer ${API_TOKEN}`;
  const common = [`Host: ${host}`, "Connection: close", "Content-Length: 2"];

  for (const path of ["/health", "/runs", "/runs/x/retry", "/nothing"]) {
    for (const extra of [[], [token]]) {
      const answer = await exchange(
        Number(port),
        `${lines(`HEAD ${path} HTTP/1.1`, ...common, ...extra)}{}`,
        false,
      );
      expect(answer, path).toMatch(/^HTTP\/1\.1 (200|401|404|405) /);
    }
  }
  const short = lines("POST /runs HTTP/1.1", `Host: ${host}`, token, "Content-Length: 100");
  // The client has gone, so the emulator's proxy writes its own answer. The test checks only what the request
  // changed.
  await exchange(Number(port), `${short}{"start":`, true);
  const { body } = await operator.call<{ items: unknown[] }>("GET", "/runs");
  expect(body.items).toEqual([]);
  expect(dev.output.filter((line) => line.includes("http.unexpected"))).toEqual([]);
});
