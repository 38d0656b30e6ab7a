// A local server with one path for each kind of channel. It checks each signature by the vendor's rule, answers as the vendor
// does, and fails on request.
import { createHmac } from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { Webhook } from "standardwebhooks";
import type { ChannelKind } from "../../src/contract/notifications.ts";

/** The secret that each path expects. */
export const SECRETS_OF: Readonly<Record<ChannelKind, string | null>> = {
  standard: `whsec_${Buffer.from("a key of 24 bytes, known").toString("base64")}`,
  slack: null,
  dingtalk: "SEC-dingtalk",
  feishu: "feishu-secret",
  wecom: null,
};

export type ChannelFault =
  "limit" | "html" | "redirect" | "reset" | "cut" | "hang" | "drip" | "long" | "error";

export interface ReceivedMessage {
  kind: string;
  /** The header `webhook-id`. Null: the kind of the channel does not send it. */
  id: string | null;
  accepted: boolean;
  body: string;
}

export class FakeChannels {
  messages: ReceivedMessage[] = [];
  /** How the next requests fail. Null: they do not. */
  fault: ChannelFault | null = null;
  readonly #server: Server;

  private constructor(server: Server) {
    this.#server = server;
  }

  static async start(): Promise<FakeChannels> {
    const server = createServer();
    const channels = new FakeChannels(server);
    server.on("request", (request, response) => void channels.#answer(request, response));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return channels;
  }

  url(kind: ChannelKind): string {
    const query = kind === "dingtalk" ? "?access_token=token" : "";
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/${kind}${query}`;
  }

  /** The setting of the channel in NOTIFY_CHANNELS. */
  setting(kind: ChannelKind): { name: string; kind: ChannelKind; url: string; secret: string | null } {
    return { name: kind, kind, url: this.url(kind), secret: SECRETS_OF[kind] };
  }

  forget(): void {
    this.messages = [];
    this.fault = null;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? "/", "http://localhost");
    const kind = url.pathname.slice(1) as ChannelKind;
    let body = "";
    for await (const chunk of request) body += String(chunk);
    const code = this.fault === "limit" ? LIMITED[kind] : verdictOf(kind, url, request, body);
    const id = request.headers["webhook-id"];
    this.messages.push({
      kind,
      id: typeof id === "string" ? id : null,
      accepted: code === 0 && this.fault === null,
      body,
    });
    if (this.fault === null || this.fault === "limit") reply(kind, code, response);
    else fail(this.fault, request, response);
  }
}

const LIMITED: Readonly<Record<ChannelKind, number>> = {
  standard: 429,
  slack: 429,
  dingtalk: 130_101,
  feishu: 11_232,
  wecom: 45_009,
};

/** 0: accepted. Otherwise the vendor's code, or an HTTP status. */
function verdictOf(kind: ChannelKind, url: URL, { headers }: IncomingMessage, body: string): number {
  const secret = SECRETS_OF[kind] ?? "";
  switch (kind) {
    case "standard":
      try {
        new Webhook(secret).verify(body, headers as Record<string, string>);
        return 0;
      } catch {
        return 401;
      }
    case "slack":
      return typeof JSON.parse(body).text === "string" ? 0 : 400;
    case "dingtalk": {
      const timestamp = url.searchParams.get("timestamp") ?? "";
      const isFresh = Math.abs(Date.now() - Number(timestamp)) < 3_600_000;
      const isSigned = url.searchParams.get("sign") === hmac(secret, `${timestamp}\n${secret}`);
      const { msgtype, markdown } = JSON.parse(body);
      return isFresh && isSigned && msgtype === "markdown" && markdown.title !== "" ? 0 : 310_000;
    }
    case "feishu": {
      const { timestamp, sign, msg_type } = JSON.parse(body);
      const isFresh = Math.abs(Date.now() / 1_000 - Number(timestamp)) < 3_600;
      return isFresh && sign === hmac(`${timestamp}\n${secret}`, "") && msg_type === "interactive"
        ? 0
        : 19_021;
    }
    case "wecom":
      return Buffer.byteLength(JSON.parse(body).markdown.content) <= 4_096 ? 0 : 40_058;
  }
}

function hmac(key: string, text: string): string {
  return createHmac("sha256", key).update(text).digest("base64");
}

function reply(kind: ChannelKind, code: number, response: ServerResponse): void {
  switch (kind) {
    case "standard":
    case "slack":
      response.writeHead(code === 0 ? 200 : code).end(code === 0 ? "ok" : "refused");
      return;
    case "dingtalk":
    case "wecom":
      response.writeHead(200, { "Content-Type": "application/json" });
      response.end(JSON.stringify({ errcode: code, errmsg: code === 0 ? "ok" : "failed" }));
      return;
    case "feishu":
      response.writeHead(200, { "Content-Type": "application/json" });
      response.end(JSON.stringify({ code, msg: code === 0 ? "success" : "failed", data: {} }));
  }
}

function fail(
  fault: Exclude<ChannelFault, "limit">,
  request: IncomingMessage,
  response: ServerResponse,
): void {
  switch (fault) {
    case "html":
      response.writeHead(200).end("<html>maintenance</html>");
      return;
    case "error":
      response.writeHead(500).end("failed");
      return;
    case "redirect":
      response.writeHead(302, { Location: request.url ?? "/" }).end();
      return;
    case "reset":
      request.socket.resetAndDestroy();
      return;
    case "cut":
      response.writeHead(200, { "Content-Length": "100" });
      response.write('{"code":');
      request.socket.end();
      return;
    case "drip":
      response.writeHead(200);
      response.write('{"code":');
      return;
    case "long":
      response.writeHead(200).end("x".repeat(1_000_000));
      return;
    case "hang":
  }
}
