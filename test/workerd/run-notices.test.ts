// The notices of a run: written with the stage, handed over once for each event, and held back while they are repetitions.
import { runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { RunNotice } from "../../src/contract/notices.ts";
import { leftBy } from "../support/earlier-schema.ts";
import { act, openedAs } from "../support/operator-play.ts";
import { HOUR, RunUnderTest } from "../support/run-under-test.ts";
import { OK, answered, opened, permitOf, reportOutcome, sendAll } from "../support/run-work.ts";

const run = new RunUnderTest();
const vars: Record<string, string | undefined> = env as never;
beforeEach(() => run.setUp());
afterEach(() => {
  vars["BACKFILL_ENABLED"] = "true";
  run.tearDown();
});
afterEach(() => run.expectBalanced());
const MINUTE = 60_000;

function told(): [type: string, code: string | null][] {
  return run.notices.map(({ type, data }) => [type, (data as RunNotice["data"]).state_reason?.code ?? null]);
}

/** The kill switch, as a deployment changes it. */
async function switched(isOn: boolean): Promise<void> {
  vars["BACKFILL_ENABLED"] = isOn ? "true" : "false";
  await run.evict();
  await runDurableObjectAlarm(run.stub);
}

describe("a run that ends", () => {
  it("tells that it is delivered, under the number of the event that its audit trail shows", async () => {
    await opened(run, [[100, 100]]);
    await sendAll(run);
    await run.settle();
    const events = await run.rows<{ event: number; detail_json: string }>(
      "SELECT event, detail_json FROM events WHERE kind = 'stage' ORDER BY event DESC LIMIT 1",
    );
    const [event] = events;
    expect(JSON.parse(event?.detail_json ?? "")).toMatchObject({ to: "sent_waiting_cleanup" });
    expect(run.notices).toMatchObject([
      {
        id: `${run.id}.${event?.event}`,
        type: "run.delivered",
        data: {
          run: run.id,
          event: event?.event,
          log_lines_sent: 200,
          lines_left: 0,
          exceptions: 0,
          actor: "system",
        },
      },
    ]);
  });

  it("tells who aborted it", async () => {
    await openedAs(run, [[100]], {});
    await run.api.abort({ force: false, actor: "li.wei" });
    await run.settle();
    expect(run.notices).toMatchObject([{ type: "run.aborted", data: { actor: "li.wei", lines_left: 100 } }]);
  });

  it("does not count as finished before the Notifier has taken its notice", async () => {
    await run.start({ dryRun: true });
    run.hook = async (port, call) => {
      if (port === "notifier.accept") throw new Error("away");
      return call();
    };
    await run.api.abort({ force: false, actor: "li.wei" });
    await run.wait(2 * MINUTE);
    expect([run.notices, run.reports.at(-1)?.finished]).toEqual([[], false]);
    run.hook = (_port, call) => call();
    await run.wait(MINUTE);
    expect(told()).toEqual([["run.aborted", null]]);
    expect(run.reports.at(-1)?.finished).toBe(true);
    expect(run.notices[0]?.data).toMatchObject({ dry_run: true });
  });
});

describe("a run that needs a person", () => {
  it("tells how many files and batches wait, and never what the receiver answered", async () => {
    await openedAs(run, [[100, 100, 100]], {});
    await reportOutcome(run, await permitOf(run), OK);
    const body = "planted-answer-of-the-receiver";
    for (let n = 0; n < 2; n += 1) await reportOutcome(run, await permitOf(run), answered(400, { body }));
    await run.settle();
    expect(run.notices).toMatchObject([
      {
        type: "run.needs_attention",
        data: {
          state_reason: { code: "refused_batches", detail: "2 refused batches" },
          problems: { refused_batches: 2 },
          lines_left: 200,
        },
      },
    ]);
    expect(JSON.stringify(run.notices)).not.toContain("planted");
  });

  it("tells the same again only after 15 minutes, and only if it still holds", async () => {
    await openedAs(run, [[100, 100]], {});
    await reportOutcome(run, await permitOf(run), OK);
    await reportOutcome(run, await permitOf(run), answered(400));
    await run.settle();
    for (const answer of [answered(400), answered(400)]) {
      await act(run, { do: "retry_all" });
      await run.settle();
      await reportOutcome(run, await permitOf(run), answer);
      await run.settle();
    }
    expect(told()).toEqual([["run.needs_attention", "refused_batches"]]);
    await run.wait(16 * MINUTE);
    expect(told()).toEqual([
      ["run.needs_attention", "refused_batches"],
      ["run.needs_attention", "refused_batches"],
    ]);

    await act(run, { do: "retry_all" });
    await run.settle();
    await reportOutcome(run, await permitOf(run), answered(400));
    await run.settle();
    await act(run, { do: "retry_all" });
    await run.settle();
    await reportOutcome(run, await permitOf(run), OK);
    await run.wait(HOUR);
    expect(told().slice(2)).toEqual([["run.delivered", null]]);
  });
});

describe("a suspended run", () => {
  beforeEach(async () => {
    await opened(run, [[100, 100]]);
    await run.settle();
  });

  it("tells nothing of a suspension that ends within a minute", async () => {
    await switched(false);
    await run.wait(MINUTE - 1_000);
    await switched(true);
    await run.wait(5 * MINUTE);
    expect(told()).toEqual([]);
  });

  it("tells after a minute, and when it goes on", async () => {
    await switched(false);
    await run.wait(MINUTE - 1_000);
    expect(told()).toEqual([]);
    await run.wait(2_000);
    expect(told()).toEqual([["run.suspended", "disabled"]]);
    await switched(true);
    await run.settle();
    expect(told().slice(1)).toEqual([["run.resumed", null]]);
  });

  it("tells the last state after 15 minutes when suspensions alternate", async () => {
    await switched(false);
    await run.wait(MINUTE + 1_000);
    for (const isOn of [true, false, true, false]) {
      await switched(isOn);
      await run.wait(MINUTE + 1_000);
    }
    expect(told()).toEqual([
      ["run.suspended", "disabled"],
      ["run.resumed", null],
    ]);
    await run.wait(15 * MINUTE);
    expect(told().slice(2)).toEqual([["run.suspended", "disabled"]]);
    await switched(true);
    await run.wait(15 * MINUTE);
    expect(told().slice(3)).toEqual([["run.resumed", null]]);
  });

  it("tells of an abort, and not that it goes on", async () => {
    await switched(false);
    await run.wait(MINUTE + 1_000);
    await run.api.abort({ force: true, actor: "li.wei" });
    await run.wait(5 * MINUTE);
    expect(told()).toEqual([
      ["run.suspended", "disabled"],
      ["run.aborted", null],
    ]);
  });
});

describe("the outbox", () => {
  it("hands over the same id after every fault and eviction", async () => {
    await opened(run, [[100]]);
    let calls = 0;
    run.hook = async (port, call) => {
      await call();
      calls += port === "notifier.accept" ? 1 : 0;
      // The Notifier has taken the notice, and its answer is lost.
      if (port === "notifier.accept" && calls <= 2) throw new Error("lost");
    };
    await sendAll(run);
    for (let n = 0; n < 4; n += 1) {
      await run.wait(5_000);
      await run.evict();
    }
    expect(run.notices).toHaveLength(3);
    expect(new Set(run.notices.map(({ id }) => id)).size).toBe(1);
  });

  it("is empty in a run of before the migration, whose next stage is told", async () => {
    await opened(run, [[100]]);
    await leftBy(run, "0001-run");
    await run.evict();
    await run.settle();
    expect(run.notices).toEqual([]);
    await sendAll(run);
    await run.settle();
    expect(told()).toEqual([["run.delivered", null]]);
  });

  it("does not keep a notice waiting when the clock was set back by a day", async () => {
    await opened(run, [[100]]);
    await switched(false);
    run.pass(-24 * HOUR);
    await runDurableObjectAlarm(run.stub);
    await run.wait(20 * MINUTE);
    expect(told()).toEqual([["run.suspended", "disabled"]]);
  });

  it("records once that a channel did not get a notice", async () => {
    await opened(run, [[100]]);
    await sendAll(run);
    await run.settle();
    const event = Number(run.notices[0]?.id.split(".").at(-1));
    await run.api.notificationGivenUp(event, "oncall");
    await run.api.notificationGivenUp(event, "oncall");
    await run.api.notificationGivenUp(event, "other");
    const rows = await run.rows<{ detail_json: string }>(
      "SELECT detail_json FROM events WHERE kind = 'notification_given_up'",
    );
    expect(rows.map((row) => JSON.parse(row.detail_json))).toEqual([
      { notification: `${run.id}.${event}`, channel: "oncall" },
      { notification: `${run.id}.${event}`, channel: "other" },
    ]);
  });

  it("keeps a bounded number of notices", async () => {
    await opened(run, [[100]]);
    await runInDurableObject(run.stub, (_object, { storage }) => {
      for (let n = 0; n < 300; n += 1)
        storage.sql.exec("INSERT INTO outbox VALUES (?, 't', '{}', 0, 0, 0, '[]')", 1_000 + n);
    });
    await sendAll(run);
    await run.settle();
    const [row] = await run.rows("SELECT count(*) AS n FROM outbox");
    expect(row).toEqual({ n: 200 });
  });
});
