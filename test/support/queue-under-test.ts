// The window queue of a new registry for each test, through the API. Runs are stand-ins: a test reports their ends.
import { runDurableObjectAlarm } from "cloudflare:test";
import { vi } from "vitest";
import type { RunReport } from "../../src/contract/registry.ts";
import type { WindowDetail, WindowOutcome } from "../../src/contract/windows.ts";
import { ApiUnderTest, type Ask } from "./api-under-test.ts";
import { aReport } from "./registry-fixtures.ts";

export const HOUR = 3_600_000;
export const DAY = "2030-04-20";

/** Whole hours of a day in the past, half-open. */
export function hours(from: number, to: number) {
  return { start: at(from), end: at(to), end_exclusive: true };
}

function at(hour: number): string {
  return new Date(Date.parse(`${DAY}T00:00:00Z`) + hour * HOUR).toISOString();
}

export class QueueUnderTest extends ApiUnderTest {
  queue(body: Record<string, unknown>, ask: Ask = {}) {
    return this.ask("/windows", { method: "POST", body: { reason: "partner outage", ...body }, ...ask });
  }

  /** Queues windows, and lets the alarm start what it can. */
  async queued(body: Record<string, unknown>): Promise<WindowOutcome[]> {
    const answer = await this.queue(body);
    if (answer.status >= 300) throw new Error(answer.text);
    await this.turn();
    return answer.json.outcomes as WindowOutcome[];
  }

  /** Runs the alarm until nothing more starts. */
  async turn(): Promise<void> {
    for (let n = 0; n < 5; n += 1) {
      const before = this.runs.started.length;
      await runDurableObjectAlarm(this.stub);
      if (this.runs.started.length === before) return;
    }
  }

  async later(ms: number): Promise<void> {
    vi.setSystemTime(Date.now() + ms);
    await this.turn();
  }

  async window(id: number): Promise<WindowDetail> {
    return (await this.ask(`/windows/${id}`)).json as WindowDetail;
  }

  /** Every window's state, by id. */
  async states(): Promise<string[]> {
    const { json } = await this.ask("/windows?limit=1000");
    const items = json.items as WindowDetail[];
    return items.toReversed().map(({ id, state }) => `${id} ${state}`);
  }

  /** The windows of the started runs, as hours. */
  startedHours(): string[] {
    const origin = Date.parse(`${DAY}T00:00:00Z`);
    return this.runs.started.map(({ spec: { parse } }) => {
      const [from, to] = [parse.startMs, parse.endMs].map((ms) => (ms - origin) / HOUR);
      return `${from}-${to}`;
    });
  }

  /** The run that was started last. */
  lastRun(): string {
    return this.runs.started.at(-1)?.spec.runId ?? "";
  }

  /** A run sent lines, released the slot, and reports. */
  async ends(runId: string, report: Partial<RunReport>, sent = true): Promise<void> {
    const run = this.runs.started.find(({ spec }) => spec.runId === runId);
    await this.api.release(runId, run?.slot.fence ?? 0, Date.now(), sent);
    await this.api.report(aReport(runId, { sentSomething: sent, ...report }));
    await this.turn();
  }

  async delivers(runId: string): Promise<void> {
    await this.ends(runId, { stage: "sent_waiting_cleanup", deliveredAt: Date.now() });
  }
}
