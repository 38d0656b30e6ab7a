// Makes raw log objects with the expected result of a run, and a receiver that reads only gzip, lines and the third
// field. Shares no code with the product. The expected result is known because this file makes the logs.
import { gunzipSync, gzipSync } from "node:zlib";
import { env } from "cloudflare:workers";
import { vi } from "vitest";
import type { Hook } from "./run-faults.ts";
import { logKey } from "./run-work.ts";
import { WINDOW_START, type RunUnderTest } from "./run-under-test.ts";

export interface RawFile {
  key: string;
  /** RayIDs of the lines that must arrive, in the order of the file. */
  kept: string[];
}

const INSIDE_WINDOW = {
  EdgeStartTimestamp: new Date(WINDOW_START + 60_000).toISOString(),
  EdgeEndTimestamp: new Date(WINDOW_START + 60_500).toISOString(),
};

/** Returns one line of a raw log. */
export function record(rayId: string, over: Record<string, unknown> = {}): string {
  return JSON.stringify({
    RayID: rayId,
    ParentRayID: "00",
    WorkerSubrequest: false,
    ...INSIDE_WINDOW,
    ClientRequestHost: "store.example.cn",
    ClientRequestURI: `/p/${rayId}`,
    ClientRequestMethod: "GET",
    EdgeResponseStatus: 200,
    ...over,
  });
}

/** Makes `kept` lines that must arrive, mixed with subrequests, lines outside the window, and malformed lines. */
export function someLines(name: string, kept: number): { text: string; kept: string[] } {
  const ids = Array.from({ length: kept }, (_, n) => `${name}-${String(n).padStart(5, "0")}`);
  const lines = ids.flatMap((id, n) => [
    record(id),
    ...(n % 7 === 0 ? [record(`${id}-sub`, { ParentRayID: "abc" })] : []),
    ...(n % 11 === 0 ? [record(`${id}-out`, { EdgeStartTimestamp: "2029-01-01T00:00:00Z" })] : []),
    // These malformed lines are too few to make a file suspicious.
    ...(n % 130 === 60 ? ["{not json"] : []),
  ]);
  return { text: lines.map((line) => `${line}\n`).join(""), kept: ids };
}

/** Files that were made, by name and number of lines. A test of all failures makes the same files hundreds of times. */
const made = new Map<string, { content: Uint8Array; kept: readonly string[] }>();

function aFile(name: string, lines: number) {
  const id = `${name} ${lines}`;
  const found = made.get(id);
  if (found) return found;
  const { text, kept } = someLines(name, lines);
  const file = { content: gzipSync(text, { level: 1 }), kept };
  made.set(id, file);
  return file;
}

export async function putRaw(run: RunUnderTest, n: number, lines: number): Promise<RawFile> {
  const key = logKey(run, n);
  const { content, kept } = aFile(`f${n}`, lines);
  await env.LOGS.put(key, content);
  return { key, kept: [...kept] };
}

/** The RayIDs in the body of a POST. */
export function rayIdsOf(body: Uint8Array): string[] {
  const text = new TextDecoder().decode(gunzipSync(body));
  if (text !== "" && !text.endsWith("\n")) throw new Error("the last line has no end");
  return text
    .split("\n")
    .slice(0, -1)
    .map((line) => line.split("\u0001", 3)[2] ?? "");
}

export interface Post {
  url: string;
  headers: Headers;
  rayIds: string[];
  redirect: string | undefined;
}

/** Replaces the network. Every POST is recorded as received before `answer` decides what the sender sees. */
export class FakeReceiver {
  posts: Post[] = [];
  /** Decides whether a POST fails on its way. */
  hook: Hook = (_port, call) => call();
  answer: (post: Post, signal: AbortSignal | null) => Response | Promise<Response> = () => new Response("ok");

  install(): void {
    vi.spyOn(globalThis, "fetch").mockImplementation(async (input, init) => {
      const post: Post = {
        url: typeof input === "string" ? input : "",
        headers: new Headers(init?.headers as HeadersInit),
        rayIds: rayIdsOf(init?.body as Uint8Array),
        redirect: init?.redirect,
      };
      const answer = await this.hook("fetch", async () => {
        this.posts.push(post);
        return this.answer(post, init?.signal ?? null);
      });
      return answer as Response;
    });
  }

  /** Checks that each expected line arrived once, and no other line. */
  compare(kept: readonly string[]): { lost: string[]; twice: string[]; foreign: string[] } {
    const arrived = this.posts.flatMap((post) => post.rayIds);
    const once = new Set<string>();
    const twice: string[] = [];
    for (const rayId of arrived) {
      if (once.has(rayId)) twice.push(rayId);
      once.add(rayId);
    }
    const wanted = new Set(kept);
    return {
      lost: kept.filter((rayId) => !once.has(rayId)),
      twice,
      foreign: arrived.filter((rayId) => !wanted.has(rayId)),
    };
  }
}

export const ALL_ONCE = { lost: [], twice: [], foreign: [] };
