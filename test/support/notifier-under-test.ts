// The Notifier on the real Durable Object, with the HTTP side of the Worker. Channels are answered by a spy on
// fetch. All tests share the one Notifier of the deployment, so each test empties it first.
import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { expect, vi } from "vitest";
import * as v from "valibot";
import { NotificationsAnswer } from "../../src/contract/api/notifications.ts";
import { NOTIFIER_NAME } from "../../src/contract/notifications.ts";
import { notifierObject } from "../../src/platform/objects.ts";
import { ApiUnderTest } from "./api-under-test.ts";

export interface Post {
  host: string;
  at: number;
  /** The header `webhook-id`. Null: the kind of the channel does not send it. */
  id: string | null;
  redirect: string | undefined;
}

const SECRET = `whsec_${btoa("planted-key-of-24-bytes!")}`;
export const HOOK = { name: "hook", kind: "standard", url: "https://hook.test/planted", secret: SECRET };
export const TALK = {
  name: "talk",
  kind: "dingtalk",
  url: "https://oapi.dingtalk.test/send?access_token=planted",
};

const vars: Record<string, string | undefined> = env as never;
const namespace: DurableObjectNamespace = env.NOTIFIER;

export class NotifierUnderTest extends ApiUnderTest {
  readonly object = namespace.getByName(NOTIFIER_NAME);
  readonly rpc = notifierObject(env);
  posts: Post[] = [];
  reply: (post: Post) => Response | Promise<Response> = accepted;
  /** While it is true, the channels that answer with `hung` do not answer. */
  isHanging = false;

  async begin(): Promise<void> {
    this.setUp();
    this.posts = [];
    this.reply = accepted;
    vi.spyOn(Math, "random").mockReturnValue(0.5);
    vi.spyOn(globalThis, "fetch").mockImplementation(async (input, init) => {
      const url = typeof input === "string" ? input : "";
      const id = new Headers(init?.headers).get("webhook-id");
      const post = { host: new URL(url).host, at: Date.now(), id, redirect: init?.redirect };
      this.posts.push(post);
      return this.reply(post);
    });
    await runInDurableObject(this.object, (_object, { storage }) => {
      for (const table of ["notices", "deliveries", "channels", "counts"])
        storage.sql.exec(`DELETE FROM ${table}`);
    });
    await evictDurableObject(this.object);
  }

  end(): void {
    this.isHanging = false;
    delete vars["NOTIFY_CHANNELS"];
    delete vars["PUBLIC_URL"];
    this.tearDown();
  }

  channels(...all: object[]): void {
    this.vars({ NOTIFY_CHANNELS: JSON.stringify(all) });
  }

  vars(changes: { NOTIFY_CHANNELS?: string; PUBLIC_URL?: string }): void {
    Object.assign(vars, changes);
  }

  /** Polls, because a promise may not cross between Durable Objects. */
  async hung(answer: Response): Promise<Response> {
    for (;;) {
      if (!this.isHanging) return answer;
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
  }

  /** Runs one turn of the clock, and waits for everything that the turn began. */
  async turn(): Promise<void> {
    await runDurableObjectAlarm(this.object);
    const open = "SELECT 1 FROM deliveries WHERE outcome = 'lost' AND state = 'pending'";
    await vi.waitUntil(async () => (await this.rows(open)).length === 0);
  }

  /** Moves time on. The clock ticks whenever the Notifier asks for it. */
  async wait(ms: number): Promise<void> {
    const until = Date.now() + ms;
    for (;;) {
      const at = await runInDurableObject(this.object, (_object, { storage }) => storage.getAlarm());
      if (at === null || at > until) break;
      vi.setSystemTime(Math.max(Date.now(), at));
      await this.turn();
    }
    vi.setSystemTime(until);
  }

  rows(statement: string): Promise<Record<string, SqlStorageValue>[]> {
    return runInDurableObject(this.object, (_object, { storage }) => storage.sql.exec(statement).toArray());
  }

  /** The answer of GET /notifications, without a planted secret. */
  async shown(): Promise<NotificationsAnswer> {
    const { status, json, text } = await this.ask("/notifications");
    expect(status).toBe(200);
    expect(text).not.toContain("planted");
    expect(v.safeParse(NotificationsAnswer, json).issues).toBeUndefined();
    return json as NotificationsAnswer;
  }
}

/** What a channel of each kind answers to a good message. */
export function accepted({ host }: Pick<Post, "host">): Response {
  return host.startsWith("oapi") ? Response.json({ errcode: 0 }) : new Response(null, { status: 204 });
}
