// Tests when a run writes a line about its progress, and when about what it waits for.
import { describe, expect, it } from "vitest";
import { topicOf } from "../../../durable-objects/backfill-run/clock/run-progress.ts";
import { ProgressLog, type LogTopic } from "../../../durable-objects/backfill-run/context/progress-log.ts";
import { STAGES } from "../../../src/contract/states.ts";
import { NOW } from "../../support/run-facts.ts";

const progress: LogTopic = { kind: "progress" };
const waiting = (reason: string): LogTopic => ({ kind: "waiting", reason });
const evicted = (log: ProgressLog) => new ProgressLog(JSON.parse(JSON.stringify(log.keep())), NOW);

describe("a line about progress", () => {
  it("is due 30 s after the start, and 30 s after the last one", () => {
    const log = new ProgressLog(null, NOW);
    expect(log.dueAt(progress, NOW)).toBe(NOW + 30_000);
    log.wrote(progress, NOW + 31_000);
    expect(log.dueAt(progress, NOW + 31_000)).toBe(NOW + 61_000);
    expect(evicted(log).dueAt(progress, NOW + 31_000)).toBe(NOW + 61_000);
  });

  it("is never due once the run has ended", () => {
    expect(new ProgressLog(null, NOW).dueAt(null, NOW + 1e9)).toBeNull();
  });
});

describe("a line about what a run waits for", () => {
  it("is due at once for a new reason, and again after 10 min", () => {
    const log = new ProgressLog(null, NOW);
    expect(log.dueAt(waiting("suspended quiet_hours"), NOW)).toBe(NOW);
    log.wrote(waiting("suspended quiet_hours"), NOW);
    expect(log.dueAt(waiting("suspended quiet_hours"), NOW)).toBe(NOW + 600_000);
    expect(evicted(log).dueAt(waiting("suspended quiet_hours"), NOW)).toBe(NOW + 600_000);
    expect(log.dueAt(waiting("suspended slot_taken"), NOW + 1)).toBe(NOW + 1);
  });

  it("is due again when the run has written its progress meanwhile", () => {
    const log = new ProgressLog(null, NOW);
    log.wrote(waiting("suspended receiver_timeout"), NOW);
    log.wrote(progress, NOW + 30_000);
    expect(log.dueAt(waiting("suspended receiver_timeout"), NOW + 31_000)).toBe(NOW + 31_000);
  });

  it("is not due again when a short pause interrupts the work", () => {
    const log = new ProgressLog(null, NOW);
    log.wrote(waiting("suspended receiver_timeout"), NOW);
    expect(log.dueAt(progress, NOW + 5_000)).toBe(NOW + 30_000);
    expect(log.dueAt(waiting("suspended receiver_timeout"), NOW + 9_000)).toBe(NOW + 600_000);
  });
});

it("keeps its pace when the clock is set back", () => {
  const log = new ProgressLog(null, NOW);
  log.wrote(progress, NOW);
  log.wrote(waiting("paused operator"), NOW);
  const earlier = NOW - 3_600_000;
  log.setBack(3_600_000);
  expect(log.dueAt(progress, earlier)).toBe(earlier + 30_000);
  expect(log.dueAt(waiting("paused operator"), earlier)).toBe(earlier + 600_000);
  // By an unknown amount, during a restart.
  expect(log.dueAt(progress, earlier - 9_000_000)).toBe(earlier - 9_000_000 + 30_000);
});

describe("the topic of a stage", () => {
  it("is the progress of a run at work, and the reason of a run that waits", () => {
    const topics = STAGES.map((stage) => [stage, topicOf({ stage, reason: { code: "x", detail: "" } })]);
    expect(Object.fromEntries(topics)).toMatchObject({
      scanning_and_queueing: progress,
      sending: progress,
      counting: progress,
      paused: waiting("paused x"),
      suspended: waiting("suspended x"),
      needs_attention: waiting("needs_attention x"),
      aborting: null,
      aborted: null,
      sent_waiting_cleanup: null,
      cleaned: null,
      counted: null,
    });
  });

  it.each(["waiting_for_late_files", "waiting_for_live", "waiting_for_sending_run"])(
    "is the reason %s although the stage is one of work",
    (code) => {
      expect(topicOf({ stage: "scanning_and_queueing", reason: { code, detail: "" } })).toEqual(
        waiting(code),
      );
    },
  );

  it("is progress for a run that is only slow", () => {
    expect(topicOf({ stage: "sending", reason: { code: "slowed", detail: "" } })).toEqual(progress);
  });
});
