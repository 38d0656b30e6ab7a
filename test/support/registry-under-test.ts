// A new registry for each test, with a stand-in for its runs. A test file calls `setUp` before each test and
// `tearDown` after it. The clock is set to 2030, so that no alarm fires by itself. Tests move the clock and run the
// alarm.
import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { vi } from "vitest";
import { BackfillRun } from "../../durable-objects/backfill-run/backfill-run.ts";
import type { AdmitAnswer, RunSummary } from "../../src/contract/registry.ts";
import type { RegistryApi } from "../../src/contract/windows.ts";
import { registryObject } from "../../src/platform/objects.ts";
import { FakeRuns } from "./registry-fixtures.ts";

export const NOW = Date.parse("2030-04-22T18:00:00.250Z");
export const HASH = "a".repeat(64);

export class RegistryUnderTest {
  name = "";
  runs = new FakeRuns();
  api!: RegistryApi;
  stub!: DurableObjectStub;

  /** Stops the clock at NOW and replaces the runs. Tests share storage, so each test uses a new receiver id. */
  setUp(): void {
    vi.useFakeTimers({ toFake: ["Date"], now: NOW });
    this.runs = new FakeRuns();
    this.#replaceRuns();
    this.name = `receiver-${crypto.randomUUID()}`;
    const namespace: DurableObjectNamespace = env.RUN_REGISTRY;
    this.api = registryObject(env, this.name);
    this.stub = namespace.getByName(this.name);
  }

  /** Restores the clock and the runs. */
  tearDown(): void {
    vi.restoreAllMocks();
    vi.useRealTimers();
  }

  async everyRun(): Promise<RunSummary[]> {
    const answer = await this.api.list({ cursor: null, limit: 1_000 });
    return answer.ok ? answer.page.items : [];
  }

  alarmAt(): Promise<number | null> {
    return runInDurableObject(this.stub, (_object, state) => state.storage.getAlarm());
  }

  setAlarm(at: number | null): Promise<void> {
    return runInDurableObject(this.stub, (_object, { storage }) =>
      at === null ? storage.deleteAlarm() : storage.setAlarm(at),
    );
  }

  rowsOf(statement: string): Promise<Record<string, SqlStorageValue>[]> {
    return runInDurableObject(this.stub, (_object, state) => state.storage.sql.exec(statement).toArray());
  }

  #replaceRuns(): void {
    const runs = this.runs;
    vi.spyOn(BackfillRun.prototype, "start").mockImplementation(async (spec, slot) => runs.start(spec, slot));
    vi.spyOn(BackfillRun.prototype, "status").mockImplementation(async function (this: BackfillRun) {
      return runs.status(nameOf(this));
    });
    vi.spyOn(BackfillRun.prototype, "poke").mockImplementation(async function (this: BackfillRun) {
      runs.poked.push(nameOf(this));
    });
  }
}

export function admitted(answer: AdmitAnswer): string {
  if (!answer.ok) throw new Error(`${answer.code}: ${answer.detail}`);
  return answer.runId;
}

/** The name of a Durable Object. For a run it is the run id. */
function nameOf(run: BackfillRun): string {
  return (run as unknown as { ctx: DurableObjectState }).ctx.id.name ?? "";
}
