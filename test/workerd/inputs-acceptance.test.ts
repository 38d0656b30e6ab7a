// A realistic bucket: one sound file among faulty files, and the decisions that an operator needs to end the run.
import { gzipSync } from "node:zlib";
import { afterEach, beforeEach, expect, it } from "vitest";
import { InputsUnderTest, linesOf, logName, rayIds, record } from "../support/inputs-under-test.ts";
import { WINDOW_START } from "../support/run-under-test.ts";

const run = new InputsUnderTest();
beforeEach(() => run.setUp());
afterEach(() => run.tearDown());

it("delivers exactly what can be delivered, names every other object, and ends once those are accepted", async () => {
  const ids = {
    good: rayIds("a", 120),
    first: rayIds("b", 3),
    second: rayIds("c", 3),
    nano: rayIds("d", 3),
    night: rayIds("e", 3),
  };
  const nano = ids.nano.map((id, n) => {
    const text = JSON.stringify(record(id, { EdgeStartTimestamp: "@" }));
    return `${text.replace('"@"', `${BigInt(WINDOW_START) * 1_000_000n + BigInt(n)}`)}\n`;
  });
  const truncated = gzipSync(linesOf(rayIds("f", 50))).subarray(0, -30);
  const keys = {
    good: await run.put(logName(0), gzipSync(linesOf(ids.good))),
    truncated: await run.put(logName(1), truncated),
    members: await run.put(
      logName(2),
      Buffer.concat([gzipSync(linesOf(ids.first)), gzipSync(linesOf(ids.second))]),
    ),
    nano: await run.put(logName(3), gzipSync(nano.join(""))),
    night: await run.put("20300421/20300421T235900Z_20300422T140000Z_n.log.gz", gzipSync(linesOf(ids.night))),
    foreign: await run.put("20300422/manifest.json", "{}"),
    empty: await run.put(logName(4), new Uint8Array()),
  };
  // The file of the previous folder begins fourteen hours before the window, and the lookback must reach it.
  const over = { lookbackMs: 86_400_000 };

  const status = await run.deliver({}, over);
  const deliverable = Object.values(ids).flat().toSorted();
  expect(run.delivered.toSorted()).toEqual(deliverable);
  expect(status).toMatchObject({
    stage_code: "needs_attention",
    delivery_completed: false,
    matched_raw_files: 6,
    files: { closed: 4, failed: 2 },
    log_lines_sent: deliverable.length,
    lines: { kept: deliverable.length, sent: deliverable.length, malformed: 0 },
  });
  expect(status.problems.map(({ key, state }) => [key, state])).toEqual([
    [keys.truncated, "failed"],
    [keys.empty, "failed"],
  ]);
  expect(await run.reasonOf(keys.truncated)).toMatch(/^failed: truncated/);
  expect(await run.reasonOf(keys.empty)).toMatch(/^failed: empty_object/);
  expect(JSON.stringify(status.foreign_keys)).toContain(keys.foreign);

  for (const key of [keys.truncated, keys.empty]) {
    const { file } = await run.fileOf(key);
    await run.decide({ do: "accept_file", file, note: "known to the partner" });
  }
  const ended = await run.status();
  expect(ended).toMatchObject({
    stage_code: "sent_waiting_cleanup",
    delivery_completed: true,
    exceptions: 2,
    files: { closed: 4, accepted: 2 },
    problems: [],
  });
  expect(ended.summary).toContain("2 exceptions");
  expect(run.delivered.toSorted()).toEqual(deliverable);
});
