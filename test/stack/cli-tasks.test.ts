// The tasks of an on-call night: every command of the runbook's table works as it stands in the document.
import { truncate, stat } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { buildDist } from "../../local/build/build-dist.ts";
import { LIVE_BATCH_SIZE, makeLiveSample } from "../../local/demo/live-sample.ts";
import type { BatchItem, FileItem, RunItem, RunStatusAnswer } from "../../src/contract/api/api-types.ts";
import { CliProcess } from "../support/cli-process.ts";
import { API_TOKEN, sharedStack } from "../support/stack.ts";
import { document, tableRows } from "../unit/docs/markdown.ts";

const at = (text: string) => Date.parse(`2026-04-22T${text}Z`);
const TIMES = {
  startMs: at("14:00:00"),
  endMs: at("16:00:00"),
  hole: { startMs: at("15:00:00"), endMs: at("15:17:00") },
};
/** Cut short in the bucket. */
const TRUNCATED = "20260422T154100Z";

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
    vars: { LIVE_BATCH_SIZE: String(LIVE_BATCH_SIZE), COVERAGE_SETTLE_MINUTES: "0" },
  });
  let cli!: CliProcess;
  const values: Record<string, string> = {};
  beforeAll(async () => {
    await buildDist();
    cli = new CliProcess(stack().dev.url, API_TOKEN, stack().dir);
  });

  /** Starts a run over minutes of the sample and sets $RUN. */
  async function started(from: string, to: string, ...options: string[]): Promise<string> {
    const times = ["--start", `2026-04-22T${from}:00Z`, "--end", `2026-04-22T${to}:00Z`, "--exclusive"];
    const { out } = await cli.expect(0, ["start", ...times, "--yes", "--on-uncertain", "hold", ...options]);
    return (values["RUN"] = out.trim());
  }

  /** What must be so before a task. */
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
      stack().receiver.behave({ rules: [{ do: "hang" }] });
      await started("14:20", "14:24");
    },
    "settle a refused batch": async () => {
      stack().receiver.behave({ rules: [{ do: "status", status: 500, times: 1 }] });
      await cli.expect(3, ["watch", await started("14:30", "14:34")]);
      const [batch] = await cli.json<BatchItem>(["batches", values["RUN"] ?? "", "--state", "held"]);
      values["B"] = String(batch?.batch);
    },
    "settle a truncated file": async () => {
      await cli.expect(3, ["watch", await started("15:41", "15:42")]);
      const [file] = await cli.json<FileItem>(["files", values["RUN"] ?? "", "--state", "failed"]);
      values["N"] = String(file?.file);
    },
  };
  /** What must be so after a task. */
  const after: Record<string, () => Promise<unknown>> = {
    "go on, and watch": async () => expect(await status()).toMatchObject({ delivery_completed: true }),
    // The POSTs that hang have to end before the run is aborted.
    "stop the sending": async () => {
      stack().receiver.behave({ rules: [] });
      await cli.expect(0, ["abort", values["RUN"] ?? "", "--force", "--yes"]);
      await cli.expect(6, ["watch", values["RUN"] ?? ""]);
      await cli.expect(0, [
        "watch",
        await started("14:25", "14:28", "--canary", "1"),
        "--until",
        "attention",
      ]);
    },
    "settle a refused batch": async () => cli.expect(8, ["watch", values["RUN"] ?? "", "--strict"]),
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
    for (const command of commands) {
      await cli.expect(0, argumentsOf(command, values), { cwd: stack().dir });
    }
    await after[name]?.();
  });
});
