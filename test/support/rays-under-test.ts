// Asks GET /runs/:id/rays/:ray about the run of a test, with the real route, Durable Object, consumers and R2.
import { createExecutionContext, waitOnExecutionContext } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { gzipSync } from "node:zlib";
import { expect, vi } from "vitest";
import { RunRegistry } from "../../durable-objects/run-registry/run-registry.ts";
import { handleRequest } from "../../src/http/router.ts";
import type { Env } from "../../src/platform/env.ts";
import { TOKEN } from "./api-under-test.ts";
import { InputsUnderTest, linesOf, logName, rayIds } from "./inputs-under-test.ts";
import { HOUR } from "./run-under-test.ts";

const ID = "20300422T140000Z_20300422T150000Z_20300422T180000Z";
/** RayIDs of three batches. */
export const IDS = rayIds("a", 250);
export const MINUTE = 60_000;

export interface Found {
  [name: string]: unknown;
  line: number;
  text: string | null;
  batches: { state: string; digest: string }[];
}
export interface Answer {
  status: number;
  headers: Headers;
  json: {
    code?: string;
    detail?: string;
    found: Found[];
    looked_at: Record<string, unknown>[];
    next_cursor: string | null;
  };
}

export class RaysUnderTest extends InputsUnderTest {
  /** Does what InputsUnderTest does. The registry lists every run. */
  override setUp(): void {
    super.setUp();
    vi.spyOn(RunRegistry.prototype, "knows").mockResolvedValue(true);
    vi.spyOn(RunRegistry.prototype, "poke").mockResolvedValue(undefined);
  }

  /** Asks the run of this test, whatever its name is. */
  async ask(ray: string, query = ""): Promise<Answer> {
    const path = `/runs/${ID}/rays/${encodeURIComponent(ray)}${query}`;
    const request = new Request(`http://api.test${path}`, { headers: { Authorization: `Bearer ${TOKEN}` } });
    const ctx = createExecutionContext();
    const own = { ...env, BACKFILL_ENABLED: "true", BACKFILL_RUN: { getByName: () => this.stub } };
    const response = await handleRequest(request, own as unknown as Env, ctx);
    await waitOnExecutionContext(ctx);
    return { status: response.status, headers: response.headers, json: await response.json() };
  }

  async found(ray: string, query = ""): Promise<Found[]> {
    const answer = await this.ask(ray, query);
    expect(answer.status, JSON.stringify(answer.json)).toBe(200);
    return answer.json.found;
  }

  async theOnly(ray: string): Promise<Found> {
    const all = await this.found(ray);
    expect(all).toHaveLength(1);
    return all[0]!;
  }

  /** Delivers three batches of one file. Returns the key of the raw log object. */
  async deliverThree(): Promise<string> {
    const key = await this.put(logName(0), gzipSync(linesOf(IDS)));
    await this.deliver();
    await this.wait(HOUR);
    expect(await this.stage()).toBe("sent_waiting_cleanup");
    return key;
  }
}
