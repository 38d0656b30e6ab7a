// A file changed after some of its lines were sent, and an operator has it parsed again. Equal batches are kept.
// Other lines may be sent twice only with the operator's permission, and then count as duplicates.
import { env } from "cloudflare:workers";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { act, acted, ACTOR, eventsOf, everyRow, openedAs, openFile } from "../support/operator-play.ts";
import { HOUR, RunUnderTest } from "../support/run-under-test.ts";
import { claim, entriesOf, permitOf, logKey, manifestOf, OK, sendAll, reportOutcome, TIMEOUT } from "../support/run-work.ts"; // prettier-ignore

const run = new RunUnderTest();
beforeEach(() => run.setUp());
afterEach(() => run.tearDown());
afterEach(() => run.expectBalanced());

const LINES = 100;

/** Makes a run with one file of three batches: the first done, the second uncertain. Then replaces the file's R2
 * object. */
async function changed(): Promise<void> {
  await openedAs(run, [[LINES, LINES, LINES]], {});
  await reportOutcome(run, await permitOf(run), OK);
  await reportOutcome(run, await permitOf(run), TIMEOUT);
  const claimAgain = async () => {
    const permit = await permitOf(run);
    await reportOutcome(run, permit, { kind: "not_sent", reason: "pack_missing", detail: "gone" });
  };
  await claimAgain();
  await run.settle();
  const { attempt } = await claim(run, 1);
  await env.LOGS.put(logKey(run, 0), "another");
  // The pack is lost, and the R2 object gives other batches than before.
  await run.api.queued(manifestOf(1, attempt, entriesOf([LINES, LINES], "else-")));
  await run.settle();
  expect((await run.status()).files.changed).toBe(1);
}

/** The new manifest: the first `same` batches are equal, the others differ. */
async function parsedAgain(allowDuplicates: boolean, same: number): Promise<string> {
  await acted(run, { do: "retry_file", file: 1, allowDuplicates }, "seen");
  await run.settle();
  await run.expectBalanced();
  const { attempt } = await claim(run, 1);
  const old = entriesOf([LINES, LINES, LINES], "f0-");
  const other = entriesOf([LINES, LINES, LINES, LINES], "new-");
  const answer = await run.api.queued(manifestOf(1, attempt, [...old.slice(0, same), ...other.slice(same)]));
  await run.settle();
  return answer.ok ? answer.state : answer.code;
}

describe("a changed file that is parsed again", () => {
  it("keeps batches of equal digests: sends no delivered one again, goes on with the rest", async () => {
    await changed();
    expect(await parsedAgain(false, 3)).toBe("open");
    await sendAll(run);
    await run.wait(HOUR);
    expect(await run.status()).toMatchObject({
      stage_code: "sent_waiting_cleanup",
      log_lines_sent: 4 * LINES,
      duplicate_lines: 0,
      possible_duplicate_lines: LINES,
      lines: { kept: 4 * LINES },
    });
    const done = await run.rows(
      "SELECT digest, count(*) AS n FROM batches WHERE state = 'done' GROUP BY digest",
    );
    expect(done.map(({ n }) => n)).toEqual([1, 1, 1, 1]);
  });

  it("is changed again when a sent batch is not in it any more, and nothing of it leaves", async () => {
    await changed();
    expect(await parsedAgain(false, 1)).toBe("digest_mismatch");
    expect(await run.status()).toMatchObject({
      files: { changed: 1 },
      log_lines_sent: LINES,
      duplicate_lines: 0,
    });
    await run.wait(HOUR);
    expect(await run.api.next("test.0", [], 6)).toMatchObject({ kind: "nothing" });
    expect((await run.status()).stage_code).toBe("needs_attention");
  });

  it("sends it all the same with allow_duplicates, and counts the delivered lines twice", async () => {
    await changed();
    expect(await parsedAgain(true, 0)).toBe("open");
    expect(await run.status()).toMatchObject({ duplicate_lines: LINES, possible_duplicate_lines: LINES });
    await sendAll(run);
    await run.wait(HOUR);
    expect(await run.status()).toMatchObject({
      stage_code: "sent_waiting_cleanup",
      log_lines_sent: 4 * LINES,
      duplicate_lines: LINES,
      lines: { kept: 4 * LINES },
    });
    expect(await eventsOf(run, "retry_file")).toMatchObject([
      { actor: ACTOR, detail: { file: 1, allow_duplicates: true, note: "seen" } },
    ]);
  });

  it("finds what was sent of every earlier object", async () => {
    await changed();
    await parsedAgain(true, 1);
    await reportOutcome(run, await permitOf(run), OK);
    const sent = (await run.status()).log_lines_sent;
    // The pack is lost again, and the key has its first R2 object again.
    await reportOutcome(run, await permitOf(run), {
      kind: "not_sent",
      reason: "pack_missing",
      detail: "gone",
    });
    await run.settle();
    const { attempt } = await claim(run, 1);
    await run.api.queued(manifestOf(1, attempt, entriesOf([LINES], "third-")));
    await run.settle();
    const before = await run.status();
    expect([before.files.changed, before.log_lines_sent]).toEqual([1, sent]);
    await parsedAgain(true, 3);
    await sendAll(run);
    await run.wait(HOUR);
    const { log_lines_sent, duplicate_lines, lines } = await run.status();
    expect([log_lines_sent, lines.kept]).toEqual([4 * LINES, 4 * LINES]);
    expect(duplicate_lines).toBeGreaterThan(0);
  });

  it("is refused while a batch of it is being sent", async () => {
    await openedAs(run, [[LINES, LINES, LINES]], {});
    const done = await permitOf(run);
    await reportOutcome(run, done, OK);
    const lost = await permitOf(run);
    await permitOf(run);
    await reportOutcome(run, lost, { kind: "not_sent", reason: "pack_missing", detail: "gone" });
    await run.settle();
    const { attempt } = await claim(run, 1);
    await run.api.queued(manifestOf(1, attempt, entriesOf([LINES], "else-")));
    await run.settle();
    const before = await everyRow(run);
    const command = { do: "retry_file", file: 1, allowDuplicates: true } as const;
    expect(await act(run, command)).toMatchObject({ ok: false, code: "wrong_state" });
    expect(await act(run, { do: "accept_file", file: 1 }, "fine")).toMatchObject({ code: "wrong_state" });
    expect(await everyRow(run)).toEqual(before);
  });

  it("is skipped by retry of everything, which must not send lines twice by itself", async () => {
    await changed();
    await acted(run, { do: "retry_all" });
    await run.settle();
    expect(await run.status()).toMatchObject({ files: { changed: 1 }, lines: { pending: 0 } });
    expect(await run.api.next("test.0", [], 6)).toMatchObject({ kind: "nothing" });
  });
});

describe("a file in no trouble", () => {
  it("is refused a retry, because its batches may be out", async () => {
    await openedAs(run, [[LINES]], {});
    const before = await everyRow(run);
    for (const file of [1, 99]) {
      expect(await act(run, { do: "retry_file", file, allowDuplicates: true })).toMatchObject({
        ok: false,
        code: file === 1 ? "wrong_state" : "unknown_file",
      });
    }
    expect(await everyRow(run)).toEqual(before);
    await expect(openFile(run, 1, [LINES])).rejects.toThrow("not_waiting");
  });
});
