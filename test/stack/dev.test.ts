// The development server's own promises, tested with a stand-in Worker: state, logs, vars, flags, and every way to die.
import { spawnSync } from "node:child_process";
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { describe, expect, test } from "vitest";
import type { DevProcess } from "../../local/demo/dev-process.ts";
import { endLeftovers } from "../../local/dev/instance.ts";
import { startDev, tempDir } from "../support/stack.ts";

const CONFIG = resolve(import.meta.dirname, "stand-in/wrangler.toml");

interface Notes {
  notes: string[];
  greeting: string;
}

async function get<T = Notes>(dev: DevProcess, path: string): Promise<T> {
  return (await fetch(`${dev.url}${path}`)).json<T>();
}

async function objects(dev: DevProcess) {
  return get<{ key: string; size: number; uploaded: string }[]>(dev, "/objects");
}

/** The processes that carry the token of the instance recorded in this state directory. */
async function childrenOf(stateDir: string): Promise<string[]> {
  const { token }: { token: string } = JSON.parse(await readFile(join(stateDir, "instance.json"), "utf8"));
  const pids = (await readdir("/proc")).filter((name) => /^\d+$/.test(name));
  const environments = await Promise.all(
    pids.map((pid) => readFile(`/proc/${pid}/environ`, "latin1").catch(() => "")),
  );
  return pids.filter((_, index) => environments[index]?.includes(token));
}

// Side by side: each only waits for its Worker to start.
describe.concurrent("state", () => {
  test("survives a kill -9 of the whole group, and an alarm that became overdue meanwhile fires at the next start", async (context) => {
    const stateDir = await tempDir(context);
    const first = await startDev({ stateDir, configPath: CONFIG }, context);
    await get(first, "/note?v=one");
    await get(first, "/alarm?v=500");
    await first.killGroup();

    const second = await startDev({ stateDir, configPath: CONFIG }, context);

    await context.expect.poll(async () => (await get(second, "/")).notes).toEqual(["one", "alarm"]);
  });

  test("survives a kill -9 of the top process alone: the next start ends the orphans it left", async (context) => {
    const stateDir = await tempDir(context);
    const first = await startDev({ stateDir, configPath: CONFIG }, context);
    await get(first, "/note?v=one");
    await first.killTop();
    const orphans = await childrenOf(stateDir);
    expect(orphans.length).toBeGreaterThan(0);

    const second = await startDev(
      { stateDir, configPath: CONFIG, port: Number(new URL(first.url).port) },
      context,
    );

    expect((await get(second, "/")).notes).toEqual(["one"]);
    const now = await childrenOf(stateDir);
    expect(orphans.filter((pid) => now.includes(pid))).toEqual([]);
  });

  test("belongs to one instance: a second start on it ends the first", async (context) => {
    const stateDir = await tempDir(context);
    const first = await startDev({ stateDir, configPath: CONFIG }, context);

    const second = await startDev({ stateDir, configPath: CONFIG }, context);

    expect(await first.exited).toBe(0);
    expect((await get(second, "/")).notes).toEqual([]);
  });

  test("a recorded pid that now belongs to somebody else is left alone", async (context) => {
    const stateDir = await tempDir(context);
    const bystander = { token: "a token that nobody carries", pid: process.ppid, pidStart: "1" };
    await writeFile(join(stateDir, "instance.json"), JSON.stringify(bystander));

    expect(await endLeftovers(stateDir)).toBe(0);
  });
});

test("every file below --logs is an object before ready, and only changed ones are put again", async () => {
  const dir = await tempDir();
  const [stateDir, logsDir] = [join(dir, "state"), join(dir, "logs-in")];
  await mkdir(join(logsDir, "logs/20260422"), { recursive: true });
  const names = ["logs/20260422/a.log.gz", "logs/20260422/b c+ü.log.gz", "logs/empty.gz"];
  const sizes = [9_000_000, 17, 0];
  await Promise.all(
    names.map((name, index) => writeFile(join(logsDir, name), Buffer.alloc(sizes[index] ?? 0, 1))),
  );
  const first = await startDev({ stateDir, logsDir, configPath: CONFIG });
  const before = await objects(first);
  expect(before.map(({ key, size }) => [key, size])).toEqual(
    names.map((name, index) => [name, sizes[index]]),
  );
  await first.stop();
  // Same size, other bytes: the size alone must not decide.
  await writeFile(join(logsDir, names[1] ?? ""), Buffer.alloc(17, 2));

  const second = await startDev({ stateDir, logsDir, configPath: CONFIG });
  const after = await objects(second);

  expect(
    after.map(({ key, uploaded }) => [key, uploaded === before.find((old) => old.key === key)?.uploaded]),
  ).toEqual([
    [names[0], true],
    [names[1], false],
    [names[2], true],
  ]);
});

test("vars, queue, console and an orderly end: what a day with it is made of", async () => {
  const stateDir = await tempDir();
  const dev = await startDev({ stateDir, configPath: CONFIG, vars: { GREETING: "a:b:c" } });
  expect((await get(dev, "/")).greeting).toBe("a:b:c");

  // The stand-in's queue has a fractional max_batch_timeout, as production's send queue has.
  await get(dev, "/ring?v=1");
  await expect.poll(async () => (await get(dev, "/")).notes).toEqual(["bell 1"]);

  await get(dev, `/log?v=${encodeURIComponent("first\nsecond")}`);
  await expect.poll(() => dev.output.slice(-2)).toEqual(["first", "second"]);

  const children = await childrenOf(stateDir);
  expect(children.length).toBeGreaterThan(0);
  await dev.stop();
  expect(await dev.exited).toBe(0);
  expect(await readdir(stateDir)).not.toContain("instance.json");
  const alive = await readdir("/proc");
  expect(children.filter((pid) => alive.includes(pid))).toEqual([]);
});

test("bad flags give a message, the usage, and exit code 2", () => {
  for (const [args, message] of [
    [["--port", "x"], '--port must be 0–65535, not "x"'],
    [["--var", "no-colon"], "--var needs KEY:VALUE"],
    [["--logs", "/does/not/exist"], "--logs: /does/not/exist is not a directory"],
    [["--unknown"], "Unknown option '--unknown'"],
  ] as const) {
    const { status, stderr } = spawnSync(process.execPath, ["local/dev.ts", ...args], { encoding: "utf8" });
    expect(stderr).toContain(message);
    expect(stderr).toContain("usage:");
    expect(status).toBe(2);
  }
});
