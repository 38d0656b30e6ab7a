// Makes calls fail: calls of a run's Durable Object, R2, queues and fetch. A call fails before its effect, or its
// effect happens and the answer is lost.
import { env } from "cloudflare:workers";
import { vi } from "vitest";

export type Call = () => Promise<unknown>;
/** Decides the fate of one call of one port. */
export type Hook = (port: string, call: Call) => Promise<unknown>;

/** Sends every call of a run's Durable Object through `hook`, as `run.<method>`. */
export function hookRunCalls(hook: Hook): void {
  hookNamespace(env.BACKFILL_RUN, "run", hook);
}

function hookNamespace(namespace: Pick<DurableObjectNamespace, "getByName">, port: string, hook: Hook): void {
  const really = namespace.getByName.bind(namespace) as (name: string) => object;
  vi.spyOn(namespace, "getByName").mockImplementation((name) => {
    const stub = really(name);
    const hooked: unknown = new Proxy(stub, {
      get(target, method) {
        const member: unknown = Reflect.get(target, method);
        if (typeof member !== "function") return member;
        return (...args: unknown[]) =>
          // Reflect.apply is needed, because member.apply would call a method "apply" of the JavaScript object.
          hook(`${port}.${String(method)}`, async () => await Reflect.apply(member, target, args));
      },
    });
    return hooked as never;
  });
}

const R2_CALLS = ["get", "put", "list", "delete", "head", "createMultipartUpload"] as const;

/** Sends every call of the bucket through `hook`, as `r2.<method>`. */
export function hookBucket(hook: Hook): void {
  for (const method of R2_CALLS) {
    const really = env.LOGS[method].bind(env.LOGS) as (...args: unknown[]) => Promise<unknown>;
    vi.spyOn(env.LOGS, method).mockImplementation(((...args: unknown[]) =>
      hook(`r2.${method}`, () => really(...args))) as never);
  }
}

export type When = "before" | "after";

/** Counts the calls to the Durable Object, R2, queues and fetch together. Makes the n-th call (0-based) fail, once. */
export class NthFault {
  calls = 0;
  failed: string | null = null;
  /** True: no call is counted any more, and no call fails. */
  isOver = false;
  readonly #nth: number;
  readonly #when: When;

  constructor(nth: number, when: When) {
    this.#nth = nth;
    this.#when = when;
  }

  hook: Hook = async (port, call) => {
    if (this.isOver || this.calls++ !== this.#nth) return call();
    this.failed = port;
    if (this.#when === "after") await call();
    throw new Error(`injected: ${port} ${this.#when} its effect`);
  };
}

/** Hooks every port: the run's calls, the bucket, the queues, the registry, the network. */
export function hookEverything(run: { hook: Hook }, receiver: { hook: Hook }, hook: Hook): void {
  hookRunCalls(hook);
  hookNamespace(env.RUN_REGISTRY, "registry", hook);
  hookBucket(hook);
  run.hook = hook;
  receiver.hook = hook;
}
