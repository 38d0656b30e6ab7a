// The tasks of an on-call night: every command of the runbook's table works as it is written in the document.
import { createHash } from "node:crypto";
import { stat, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { LIVE_BATCH_SIZE, makeLiveSample } from "../../local/demo/live-sample.ts";
import type { BatchItem, FileItem, RunItem, RunStatusAnswer } from "../../src/contract/api/api-types.ts";
import { CliHere, CliProcess } from "../support/cli-process.ts";
import { FakeChannels } from "../support/fake-channels.ts";
import { API_TOKEN, sharedStack } from "../support/stack.ts";
import { document, tableRows } from "../unit/docs/markdown.ts";

const at = (text: string) => Date.parse(`2026-04-22T${text}Z`);
const TIMES = {
  startMs: at("14:00:00"),
  endMs: at("16:00:00"),
  hole: { startMs: at("15:00:00"), endMs: at("15:17:00") },
};
/** The start of the file that the test cuts short in the bucket. */
const TRUNCATED = "20260422T154100Z";

/** Two tokens of one caller, while the first is replaced. */
const [OLD_TOKEN, NEW_TOKEN] = ["old-token-of-ci", "new-token-of-ci"];
const API_TOKENS = [OLD_TOKEN, NEW_TOKEN].map((token) => ({
  name: "ci",
  role: "operator",
  sha256: createHash("sha256").update(token).digest("hex"),
}));
const channels = await FakeChannels.start();
afterAll(() => channels.stop());
const ONCALL = { ...channels.setting("standard"), name: "oncall", events: ["coverage.hole_found"] };

interface Task {
  name: string;
  commands: string[];
}

/** A row without a task belongs to the task above it. */
function tasksOf(text: string): Task[] {
  const tasks: Task[] = [];
  for (const [name = "", cell = ""] of tableRows(text)) {
    if (name !== "") tasks.push({ name, commands: [] });
    tasks.at(-1)?.commands.push(cell.replaceAll("`", ""));
  }
  return tasks;
}

const TASKS = tasksOf(document("docs/runbook/on-call-tasks.md"));

/** Splits a command line as a shell does, and puts the values of variables in. */
function argumentsOf(line: string, values: Record<string, string>): string[] {
  const words = [...line.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, bare]) => quoted ?? bare ?? "");
  return words.slice(1).map((word) => {
    if (!word.startsWith("$")) return word;
    const value = values[word.slice(1)];
    if (value === undefined) throw new Error(`${line}: nothing is known about ${word}`);
    return value;
  });
}

describe("the tasks of an on-call night", () => {
  const stack = sharedStack({
    logs: async (dir) => {
      const sample = await makeLiveSample(dir, TIMES);
      const key = sample.files.map((file) => file.key).find((name) => name.includes(`/${TRUNCATED}_`)) ?? "";
      const path = join(sample.logsDir, key);
      await truncate(path, Math.floor((await stat(path)).size / 2));
      return sample;
    },
    vars: {
      LIVE_BATCH_SIZE: String(LIVE_BATCH_SIZE),
      COVERAGE_SETTLE_MINUTES: "0",
      API_TOKENS: JSON.stringify(API_TOKENS),
      NOTIFY_CHANNELS: JSON.stringify([ONCALL]),
    },
  });
  /** Prepares each task and checks its result. The commands of the document run as processes. */
  let cli!: CliHere;
  let shell!: CliProcess;
  const values: Record<string, string> = {};
  beforeAll(async () => {
    cli = new CliHere(stack().dev.url, API_TOKEN, stack().dir);
    shell = new CliProcess(stack().dev.url, OLD_TOKEN, stack().dir);
    await writeFile(join(stack().dir, "new-token"), `${NEW_TOKEN}\n`);
  });

  /** Starts a run over minutes of the sample and sets $RUN. */
  async function started(from: string, to: string, ...options: string[]): Promise<string> {
    const times = ["--start", `2026-04-22T${from}:00Z`, "--end", `2026-04-22T${to}:00Z`, "--exclusive"];
    const { out } = await cli.expect(0, ["start", ...times, "--yes", "--on-uncertain", "hold", ...options]);
    return (values["RUN"] = out.trim());
  }

  /** What the test does before each task, so that the task is possible. */
  const before: Record<string, () => Promise<unknown>> = {
    "go on, and watch": async () => {
      const active = (await cli.json<RunItem>(["runs"])).find(
        (run) => run.active || run.stage_code === "paused",
      );
      values["RUN"] = active?.id ?? "";
    },
    "find a RayID": async () => {
      const [sample] = await cli.json<{ items: { ray_id: string }[] }>([
        "sample",
        values["RUN"] ?? "",
        "-n",
        "1",
      ]);
      values["RAY"] = sample?.items[0]?.ray_id ?? "";
    },
    "stop the sending": async () => {
      // Nothing is delivered, and no POST stays open.
      stack().receiver.behave({ rules: [{ do: "status", status: 503 }] });
      await started("14:20", "14:24");
    },
    "settle a refused batch": async () => {
      const file = stack().files.find(({ key }) => key.includes("/20260422T143200Z_"));
      const ray_id = file?.kept_ray_ids[0] ?? "";
      stack().receiver.behave({ rules: [{ do: "status", status: 422, ray_id }] });
      await cli.expect(3, ["watch", await started("14:30", "14:34")]);
      const [batch, ...others] = await cli.json<BatchItem>([
        "batches",
        values["RUN"] ?? "",
        "--state",
        "refused",
      ]);
      expect([batch?.reason, others]).toEqual([expect.stringContaining("422"), []]);
      values["B"] = String(batch?.batch);
    },
    "settle a truncated file": async () => {
      await cli.expect(3, ["watch", await started("15:41", "15:42")]);
      const [file] = await cli.json<FileItem>(["files", values["RUN"] ?? "", "--state", "failed"]);
      values["N"] = String(file?.file);
    },
  };
  /** What the test checks after each task. */
  const after: Record<string, (outs: string[]) => unknown> = {
    "go on, and watch": async () => expect(await status()).toMatchObject({ delivery_completed: true }),
    "stop the sending": async () => {
      stack().receiver.behave({ rules: [] });
      await cli.expect(0, ["abort", values["RUN"] ?? "", "--yes"]);
      await cli.expect(6, ["watch", values["RUN"] ?? ""]);
      await cli.expect(0, [
        "watch",
        await started("14:25", "14:28", "--canary", "1"),
        "--until",
        "attention",
      ]);
    },
    "settle a refused batch": async ([list]) => {
      expect(list).toContain("refused");
      await cli.expect(8, ["watch", values["RUN"] ?? "", "--strict"]);
      expect((await status()).lines).toMatchObject({ refused: 0, held: 0 });
    },
    "be notified": ([tested, list]) => {
      expect(tested).toMatch(/^oncall +delivered\b/);
      expect(list).toMatch(/^oncall +standard +127\.0\.0\.1:\d+ .* delivered *$/m);
      expect(channels.messages.map(({ accepted }) => accepted)).toEqual([true]);
    },
    "rotate a token": async ([withNew, withOld]) => {
      // A deployment without the old entry refuses the old token: test/workerd/http-roles.test.ts.
      for (const out of [withNew, withOld]) expect(out).toMatch(/^signed in by +token ci$/m);
    },
    "settle a truncated file": async () => {
      await expect.poll(async () => (await status()).files.failed, { timeout: 30_000 }).toBe(0);
      await cli.expect(0, ["watch", values["RUN"] ?? ""]);
    },
  };

  async function status(): Promise<RunStatusAnswer> {
    const [shown] = await cli.json<RunStatusAnswer>(["show", values["RUN"] ?? ""]);
    if (shown === undefined) throw new Error("show printed nothing");
    return shown;
  }

  test("have one to three commands each", () => {
    expect(TASKS.length).toBeGreaterThanOrEqual(15);
    expect(TASKS.filter(({ commands }) => commands.length > 3)).toEqual([]);
  });

  test.each(TASKS)("works as written: $name", async ({ name, commands }) => {
    await before[name]?.();
    const outs: string[] = [];
    for (const command of commands) {
      outs.push((await shell.expect(0, argumentsOf(command, values), { cwd: stack().dir })).out);
    }
    await after[name]?.(outs);
  });
});
