// Measures the used memory of the runtime's isolate: the memory that V8 still needs after a forced garbage
// collection. Uses the protocol of V8's inspector. Starts and ends no process.

import { setTimeout as wait } from "node:timers/promises";

interface Reply {
  id?: number;
  result?: { usedSize?: number; backingStorageSize?: number };
  error?: { message: string };
}

const MIB = 1024 * 1024;

export class Inspector {
  readonly #socket: WebSocket;
  readonly #waiting = new Map<number, (reply: Reply) => void>();
  readonly #poke: () => Promise<unknown>;
  #next = 1;

  private constructor(socket: WebSocket, poke: () => Promise<unknown>) {
    this.#socket = socket;
    this.#poke = poke;
    socket.addEventListener("message", ({ data }) => {
      const reply = JSON.parse(String(data)) as Reply;
      if (reply.id === undefined) return;
      this.#waiting.get(reply.id)?.(reply);
      this.#waiting.delete(reply.id);
    });
  }

  /** `poke` makes any request to the Worker. This request is needed because the runtime collects garbage only while
   * a request runs. */
  static async connect(url: URL, poke: () => Promise<unknown>): Promise<Inspector> {
    // wrangler's inspector proxy accepts only clients whose Origin is this machine.
    const socket = new WebSocket(url.href, { headers: { Origin: "http://localhost" } } as never);
    await new Promise<void>((resolve, reject) => {
      socket.addEventListener("open", () => resolve());
      socket.addEventListener("error", () => reject(new Error(`no inspector at ${url.href}`)));
    });
    const inspector = new Inspector(socket, poke);
    await inspector.#ask("Runtime.enable");
    await inspector.#ask("HeapProfiler.enable");
    return inspector;
  }

  /** The used heap and the memory of array buffers, in MiB. */
  async liveMiB(): Promise<number> {
    // Collects twice, because the first collection may free objects that own buffers. Only the second one frees these
    // buffers.
    for (let times = 0; times < 2; times += 1) await this.#collect();
    const { usedSize = NaN, backingStorageSize = NaN } = (await this.#ask("Runtime.getHeapUsage")) ?? {};
    return (usedSize + backingStorageSize) / MIB;
  }

  async #collect(): Promise<void> {
    const collected = this.#ask("HeapProfiler.collectGarbage").then(() => "collected");
    for (let seen: unknown = null; seen !== "collected";)
      seen = await Promise.race([collected, this.#poke().then(() => wait(10))]);
  }

  close(): void {
    this.#socket.close();
  }

  async #ask(method: string): Promise<Reply["result"]> {
    const id = this.#next++;
    const reply = await new Promise<Reply>((resolve) => {
      this.#waiting.set(id, resolve);
      this.#socket.send(JSON.stringify({ id, method }));
    });
    if (reply.error) throw new Error(`${method}: ${reply.error.message}`);
    return reply.result;
  }
}
