// The command line against the local stack: a run's whole life by command, and each exit code of the table.
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { LIVE_BATCH_SIZE, makeLiveSample } from "../../local/demo/live-sample.ts";
import type { BatchItem, FileItem, RunItem, RunStatusAnswer } from "../../src/contract/api/api-types.ts";
import { CliHere, CliProcess, jsonLines } from "../support/cli-process.ts";
import { API_TOKEN, sharedStack } from "../support/stack.ts";

const at = (text: string) => Date.parse(`2026-04-22T${text}Z`);
const TIMES = {
  startMs: at("14:00:00"),
  endMs: at("16:00:00"),
  hole: { startMs: at("14:30:00"), endMs: at("15:17:00") },
};

/** A window of its own for each test, in local time: runs that overlap are refused. */
function window(from: string, to: string): string[] {
  const local = (time: string) => `2026-04-22 ${time}`;
  return ["--start", local(from), "--end", local(to), "--exclusive", "--zone", "Asia/Shanghai"];
}

describe("the command line", () => {
  const stack = sharedStack({
    logs: (dir) => makeLiveSample(dir, TIMES),
    vars: { LIVE_BATCH_SIZE: String(LIVE_BATCH_SIZE), COVERAGE_SETTLE_MINUTES: "0", CLEANUP_GRACE_MS: "0" },
  });
  let cli!: CliHere;
  /** Runs commands as processes, so that each exit code is checked at a real process at least once. */
  let shell!: CliProcess;
  beforeAll(() => {
    cli = new CliHere(stack().dev.url, API_TOKEN, stack().dir);
    shell = new CliProcess(stack().dev.url, API_TOKEN, stack().dir);
  });

  /** Starts a run and returns its id, which is all that stdout contains. */
  async function started(...args: string[]): Promise<string> {
    const { out } = await shell.expect(0, ["start", "--yes", ...args]);
    expect(out).toMatch(/^\d{8}T\d{6}Z_\d{8}T\d{6}Z_\d{8}T\d{6}Z\n$/);
    return out.trim();
  }

  async function status(id: string): Promise<RunStatusAnswer> {
    const [shown] = await cli.json<RunStatusAnswer>(["show", id]);
    if (shown === undefined) throw new Error(`show ${id} printed nothing`);
    return shown;
  }

  test("finds the hole that a live worker left, and exits with 10", async () => {
    const range = ["--start", "2026-04-22T14:00:00Z", "--end", "2026-04-22T16:00:00Z"];
    const { out } = await shell.expect(10, ["coverage", ...range, "--exact", "--exit-code"]);
    expect(out).toContain("2026-04-22T14:00Z  2026-04-22 22:00 Beijing  dddddd");
    expect(out).toMatch(/next +logpush-backfill start --start 2026-04-22T14:\d\d:\d\dZ/);
    const [view] = await cli.json<{ holes: object[] }>(["coverage", ...range, "--exact"]);
    expect(view?.holes).toHaveLength(1);
    await cli.expect(0, [
      "coverage",
      "--start",
      "2026-04-22T10:00:00Z",
      "--end",
      "2026-04-22T11:00:00Z",
      "--exit-code",
    ]);
  });

  test("plays a run's whole life", async () => {
    const own = window("22:00", "22:12");
    const [plan] = await cli.json<{ raw: { files: number } }>(["plan", ...own]);
    expect(plan?.raw.files).toBeGreaterThan(0);
    const id = await started(
      ...own,
      "--canary",
      "1",
      "--batch-size",
      "100",
      "--note",
      "补发 ticket-1",
      "--key",
      "k1",
    );
    // The same key leads to the same run.
    expect(
      await started(...own, "--canary", "1", "--batch-size", "100", "--note", "补发 ticket-1", "--key", "k1"),
    ).toBe(id);

    const canary = await shell.expect(3, ["watch", "active"]);
    expect(canary.err).toContain(`logpush-backfill resume ${id}`);
    await cli.expect(0, ["watch", "active", "--until", "attention"]);
    await cli.expect(0, ["cap", "active", "50000", "--daily-lines", "none"]);
    await cli.expect(5, ["late-take", "active"]);
    const resumed = await cli.expect(0, ["resume", "active", "--watch"]);
    expect(resumed.out).toMatch(/^\S+: delivered: /);

    expect(await status(id)).toMatchObject({ note: "补发 ticket-1", actor: "unverified:li.wei", limits: { max_lines_per_second: 50_000 } }); // prettier-ignore
    expect((await cli.expect(0, ["show", id.slice(0, 40)])).out).toContain(
      "2026-04-22 22:00:00 – 22:12:00 Beijing",
    );
    const files = await cli.json<FileItem>(["files", id, "--all"]);
    const batches = await cli.json<BatchItem>(["batches", id, "--all"]);
    expect(batches.reduce((sum, { lines }) => sum + lines, 0)).toBe((await status(id)).log_lines_sent);
    expect(files.some(({ batches: { count } }) => count > 0)).toBe(true);
    const kinds = (await cli.json<{ kind: string }>(["events", id, "--all"])).map(({ kind }) => kind);
    expect(kinds).toEqual(expect.arrayContaining(["started", "stage"]));
    await cli.json(["samples", id]);
    const [sample] = await cli.json<{ items: { ray_id: string }[] }>(["sample", id, "-n", "1"]);
    const ray = sample?.items[0]?.ray_id ?? "";
    const [found] = await cli.json<{ verdict: string }>(["find-ray", id, ray]);
    expect(found?.verdict).toBe("sent");
    await cli.expect(1, ["find-ray", id, "0000000000000000"]);
    await cli.expect(0, ["series", id]);
    const ledger = await cli.expect(0, ["ledger", id]);
    expect(ledger.out.trimEnd().split("\n")).toHaveLength(files.length + batches.length + 1);
    await cli.expect(0, ["watch", id, "--until", "cleaned", "--strict"]);
    // The run has ended, so it can no longer need a person.
    await cli.expect(1, ["watch", id, "--until", "attention"]);
    const ids = (await cli.expect(0, ["runs", "--ids"])).out.trim().split("\n");
    expect(ids).toContain(id);
    expect((await cli.json<RunItem>(["runs", "--no-exceptions"])).map((run) => run.id)).toEqual(ids);
  });

  test("verifies evidence by a verifier of its own, and exits with 7 when it differs", async () => {
    const [{ id } = { id: "" }] = await cli.json<RunItem>(["runs"]);
    const dir = join(stack().dir, "evidence");
    const { out } = await shell.expect(0, ["evidence", id, "-o", dir, "--verify"]);
    expect(out).toMatch(/\nverified\n$/);
    const script = await readFile("src/evidence/verify-evidence.txt", "utf8");
    expect(await readFile(join(dir, "verify-evidence.mjs"), "utf8")).toBe(script);
    const other = await shell.expect(7, ["evidence", id, "-o", dir, "--verify", "--head", "0".repeat(64)]);
    expect(other.out).toContain("FAULT head of the chain");
    expect(other.err).toContain("may belong to an earlier version of the evidence");
    // A part that an earlier download left behind would differ from the new chain.
    const part = (await readdir(dir)).find((name) => name.endsWith("-batches.ndjson")) ?? "";
    await writeFile(join(dir, part.replace("part-0000", "part-0009")), "{}\n");
    await cli.expect(0, ["evidence", id, "-o", dir, "--verify"]);
    await writeFile(join(dir, "chain.json"), '{"run":"another"}\n');
    const refused = await shell.expect(1, ["evidence", id, "-o", dir, "--verify"]);
    expect(refused.err).toContain("has the evidence of another, and nothing was written");
    expect(await readFile(join(dir, "chain.json"), "utf8")).toBe('{"run":"another"}\n');
    // An event of an ended run gives new evidence a minute later, so this command comes after the evidence.
    await cli.expect(0, ["verify", id]);
  });

  test("refuses what needs a person, a state, or a right", async () => {
    const own = window("22:12", "22:14");
    expect((await shell.expect(2, ["start", ...own])).err).toContain("--yes");
    await shell.expect(5, ["start", ...window("22:00", "22:12"), "--yes"]);
    await cli.expect(2, ["runs", "--stge", "x"]);
    const invalid = await shell.expect(1, ["start", ...own, "--yes", "--cap", "5"]);
    expect(invalid.err).toContain("#/max_lines_per_second: expected");
    await cli.expect(1, ["show", "20990101T000000Z_20990101T010000Z_20990101T020000Z"]);
    const wrong = await shell.expect(4, ["whoami"], { env: { BACKFILL_TOKEN: "wrong" } });
    expect(wrong.err).toContain("unauthorized");
    await cli.expect(4, ["runs"], { env: { BACKFILL_TOKEN: undefined } });
    await cli.expect(1, ["runs", "--timeout", "20s"], { env: { BACKFILL_URL: "http://127.0.0.1:9" } });
  });

  test("ends a watch by the clock or by Ctrl-C while the run goes on, and an abort with 6", async () => {
    stack().receiver.behave({ rules: [{ do: "hang" }] });
    const id = await started(...window("22:14", "22:30"), "--batch-size", "100");
    const timedOut = await shell.expect(124, ["watch", id, "--timeout", "1s"]);
    expect(timedOut.err).toContain(`the run ${id} goes on`);
    let isInterrupted = false;
    const interrupted = await shell.expect(130, ["watch", id, "--json"], {
      onOut: (_, interrupt) => {
        if (!isInterrupted) interrupt();
        isInterrupted = true;
      },
    });
    expect(interrupted.err).toContain("goes on");
    const taken = await cli.expect(5, ["start", ...window("22:31", "22:32"), "--yes"]);
    expect(taken.err).toContain(`logpush-backfill watch ${id}`);
    expect((await cli.expect(2, ["abort", id])).err).toContain("--yes");
    expect((await status(id)).stage_code).not.toMatch(/abort/);
    await cli.expect(0, ["pause", id, "--note", "partner asks"]);
    await cli.expect(0, ["abort", id, "--yes", "--force"]);
    const aborted = await shell.expect(6, ["watch", id]);
    expect(aborted.err).toContain(`--continue-of ${id}`);
    stack().receiver.behave({ rules: [] });
    const rest = await started("--continue-of", id, "--on-uncertain", "resend");
    await cli.expect(0, ["watch", rest]);
  });

  test("calls for a person when a suspension outlasts the time", async () => {
    stack().receiver.behave({ rules: [{ do: "status", status: 401 }] });
    const id = await started(...window("22:32", "22:40"));
    await expect.poll(async () => (await status(id)).stage_code, { timeout: 20_000 }).toBe("suspended");
    const { err } = await cli.expect(3, ["watch", id, "--timeout", "1s"]);
    expect(err).toContain("it is suspended");
    stack().receiver.behave({ rules: [] });
    await cli.expect(0, ["watch", id]);
  });

  test("settles a held batch, and exits with 8 for exceptions", async () => {
    stack().receiver.behave({ rules: [{ do: "status", status: 500, times: 1 }] });
    const id = await started(...window("22:40", "22:50"), "--on-uncertain", "hold", "--batch-size", "100");
    const held = await cli.expect(3, ["watch", id]);
    expect(held.err).toContain(`logpush-backfill batches ${id} --state held`);
    const [batch] = await cli.json<BatchItem>(["batches", id, "--state", "held"]);
    const n = String(batch?.batch);
    await cli.expect(2, ["batch", "resolve", id, n, "delivered", "--yes"]);
    await cli.expect(0, ["batch", "resolve", id, n, "delivered", "--note", "partner confirmed", "--yes"]);
    await shell.expect(8, ["watch", id, "--strict"]);
    await cli.expect(0, ["watch", id]);
    expect(await cli.json<RunItem>(["runs", "--exceptions"])).toMatchObject([{ id, exceptions: 1 }]);
  });

  test("queues windows, moves and cancels them", async () => {
    await cli.expect(0, ["queue", "pause"]);
    const windows = ["--window", "2026-04-22T15:00:00Z/2026-04-22T15:05:00Z", "--window", "2026-04-22T15:10:00Z/2026-04-22T15:15:00Z"]; // prettier-ignore
    await cli.expect(2, ["queue", "add", ...windows, "--reason", "outage"]);
    const [added] = await cli.json<{ outcomes: { id: number }[] }>(["queue", "add", ...windows, "--reason", "outage", "--yes"]); // prettier-ignore
    const [first, second] = (added?.outcomes ?? []).map(({ id }) => String(id));
    await cli.expect(0, ["queue", "move", second ?? "", "--before", first ?? ""]);
    const order = await cli.json<{ id: number }>(["queue", "list", "--state", "queued"]);
    expect(order.map(({ id }) => String(id))).toEqual([second, first]);
    await cli.expect(0, ["queue", "cancel", first ?? "", "--yes"]);
    await cli.expect(5, ["queue", "cancel", first ?? "", "--yes"]);
    await cli.expect(0, ["queue", "resume"]);
    await expect.poll(async () => (await cli.json<{ state: string }>(["queue", "show", second ?? ""]))[0]?.state, { timeout: 30_000 }).toBe("delivered"); // prettier-ignore
  });

  test("sends exactly what a dry run counted", async () => {
    const [dry] = (await cli.json<RunStatusAnswer>(["start", ...window("23:20", "23:30"), "--dry-run", "--watch"])).slice(-1); // prettier-ignore
    expect(dry?.stage_code).toBe("counted");
    const { out } = await cli.expect(0, ["start", "--from-plan", dry?.id ?? "", "--yes", "--watch"]);
    expect(out).toContain(
      `delivered: ${dry?.plan && "lines" in dry.plan ? dry.plan.lines.toLocaleString("en-US") : ""} of`,
    );
  });

  test("makes any other request, whose refusal is data too", async () => {
    expect(await cli.json(["api", "GET", "/health"])).toEqual([{ ok: true }]);
    const [problem] = await cli.json<{ code: string }>(["api", "GET", "/nope"], 1);
    expect(problem?.code).toBe("no_such_route");
    expect((await cli.expect(0, ["metrics"])).out).toMatch(/^# HELP /);
    expect((await cli.expect(0, ["auto-replay"])).out).toContain("off");
  });

  // The last test, because the others use the first process of the Worker.
  test("follows a run over a kill of the Worker and its restart", async () => {
    stack().receiver.behave({ rules: [{ do: "status", status: 401 }] });
    const id = await started(...window("23:35", "23:40"));
    // No POST is open at the kill, so no lease has to end.
    await expect.poll(async () => (await status(id)).stage_code, { timeout: 20_000 }).toBe("suspended");
    let hasBegun = false;
    const watching = shell.run(["watch", id, "--json"], { onOut: () => void (hasBegun = true) });
    await expect.poll(() => hasBegun, { timeout: 30_000 }).toBe(true);
    const { dev } = stack();
    await dev.killGroup();
    stack().receiver.behave({ rules: [] });
    await stack().restart({}, Number(new URL(dev.url).port));
    const { exit, out, err } = await watching;
    expect(exit, err).toBe(0);
    expect(jsonLines<RunStatusAnswer>(out).at(-1)).toMatchObject({ id, delivery_completed: true });
    expect(err).toMatch(/trying again\n(.*\n)*reached again\n/);
  });
});
