// The development server, tested with a stand-in Worker: state, logs, vars, flags, and every way in which it can end.
import { spawnSync } from "node:child_process";
import { mkdir, readdir, readFile, stat, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { describe, expect, test } from "vitest";
import type { DevProcess } from "../../local/demo/dev-process.ts";
import { emulatedBucket } from "../../local/dev/import-objects.ts";
import { endLeftovers } from "../../local/dev/instance.ts";
import { startDev, tempDir } from "../support/stack.ts";

const CONFIG = resolve(import.meta.dirname, "stand-in/wrangler.toml");

/** These tests do not measure time. The limit is long, so that a busy machine fails no test. */
const SOON = { timeout: 20_000 };
const saying = (word: string) => `export default { fetch: () => new Response("${word}") };\n`;

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

async function workerdOf(stateDir: string): Promise<number> {
  for (const pid of await childrenOf(stateDir)) {
    if ((await readFile(`/proc/${pid}/comm`, "utf8")).startsWith("workerd")) return Number(pid);
  }
  throw new Error("no workerd runs");
}

/** The guard shells, which wait for the end of an instance. */
async function guardsOf(stateDir: string): Promise<number[]> {
  const { token }: { token: string } = JSON.parse(await readFile(join(stateDir, "instance.json"), "utf8"));
  const pids = (await readdir("/proc")).filter((name) => /^\d+$/.test(name));
  const commands = await Promise.all(
    pids.map((pid) => readFile(`/proc/${pid}/cmdline`, "latin1").catch(() => "")),
  );
  return pids.filter((_, index) => commands[index]?.includes(token)).map(Number);
}

// In parallel, because each test mostly waits for its Worker to start.
describe.concurrent("the local stack", () => {
  test("survives a kill -9 of the whole group and fires an overdue alarm at the next start", async (context) => {
    const stateDir = await tempDir(context);
    const first = await startDev({ stateDir, configPath: CONFIG }, context);
    await get(first, "/note?v=one");
    await get(first, "/alarm?v=500");
    await first.killGroup();

    const second = await startDev({ stateDir, configPath: CONFIG }, context);

    await context.expect.poll(async () => (await get(second, "/")).notes).toEqual(["one", "alarm"]);
  });

  test("survives a kill -9 of the top process, and its children end", async (context) => {
    const stateDir = await tempDir(context);
    const first = await startDev({ stateDir, configPath: CONFIG }, context);
    await get(first, "/note?v=one");
    expect((await childrenOf(stateDir)).length).toBeGreaterThan(0);
    await first.killTop();
    await context.expect.poll(() => childrenOf(stateDir), SOON).toEqual([]);

    const second = await startDev(
      { stateDir, configPath: CONFIG, port: Number(new URL(first.url).port) },
      context,
    );

    expect((await get(second, "/")).notes).toEqual(["one"]);
  });

  test("ends at its start the children of a killed instance", async (context) => {
    const stateDir = await tempDir(context);
    const first = await startDev({ stateDir, configPath: CONFIG }, context);
    const children = await childrenOf(stateDir);
    for (const guard of await guardsOf(stateDir)) process.kill(guard, "SIGKILL");
    await first.killTop();
    expect((await childrenOf(stateDir)).length).toBeGreaterThan(0);

    await startDev({ stateDir, configPath: CONFIG, port: Number(new URL(first.url).port) }, context);

    const alive = await readdir("/proc");
    expect(children.filter((pid) => alive.includes(pid))).toEqual([]);
  });

  test("refuses a second start on the same state, and the first goes on", async (context) => {
    const stateDir = await tempDir(context);
    const first = await startDev({ stateDir, configPath: CONFIG }, context);
    await get(first, "/note?v=one");

    await expect(startDev({ stateDir, configPath: CONFIG }, context)).rejects.toThrow(
      `it exited with 1\ndev: another instance runs on --state ${stateDir} (process ${first.pid}, ${first.url})`,
    );

    expect((await get(first, "/")).notes).toEqual(["one"]);
  });

  test("starts on the state of a dead holder, even when another process has its pid", async (context) => {
    const stateDir = await tempDir(context);
    const record = { token: "a token of no process", pid: process.pid, pidStart: "1" };
    await writeFile(join(stateDir, "instance.json"), JSON.stringify(record));
    await writeFile(join(stateDir, "instance.lock"), "");

    const dev = await startDev({ stateDir, configPath: CONFIG }, context);

    expect((await get(dev, "/")).notes).toEqual([]);
  });

  test("says that workerd died, and ends", async (context) => {
    const stateDir = await tempDir(context);
    const first = await startDev({ stateDir, configPath: CONFIG }, context);
    await get(first, "/note?v=one");
    const victim = await workerdOf(stateDir);
    process.kill(victim, "SIGKILL");

    expect(await first.exited).toBe(1);
    expect(first.output.join("\n")).toContain(
      `dev: the Workers runtime (workerd, process ${victim}) was ended by SIGKILL; this instance ends`,
    );
    await context.expect.poll(() => childrenOf(stateDir), SOON).toEqual([]);
    const second = await startDev({ stateDir, configPath: CONFIG }, context);
    expect((await get(second, "/")).notes).toEqual(["one"]);
  });

  test("leaves a process alone that now has a recorded pid", async (context) => {
    const stateDir = await tempDir(context);
    const bystander = { token: "a token of no process", pid: process.ppid, pidStart: "1" };
    await writeFile(join(stateDir, "instance.json"), JSON.stringify(bystander));

    expect(await endLeftovers(stateDir)).toBe(0);
  });
});

test("puts every file of --logs before it is ready, and only changed files again", async () => {
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
  // The same size with other bytes: the loader must not compare sizes only.
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

test("puts many files without the emulator, and the emulator reads, lists and deletes them", async () => {
  const dir = await tempDir();
  const [stateDir, logsDir] = [join(dir, "state"), join(dir, "logs-in")];
  await mkdir(join(logsDir, "processed"), { recursive: true });
  const markers = Array.from({ length: 600 }, (_, index) => `processed/ü_${index}.txt.done`);
  const bodies = new Map(markers.map((name) => [name, "1"]));
  bodies
    .set("processed/a-0.txt", "waiting")
    .set("processed/b-0.txt", "x".repeat(2 << 20))
    .set("processed/empty", "");
  await Promise.all([...bodies].map(([name, body]) => writeFile(join(logsDir, name), body)));

  const first = await startDev({ stateDir, logsDir, configPath: CONFIG });

  // When the emulator changes its tables, loading still works and takes minutes.
  const { blobsDir = "" } = emulatedBucket(stateDir, "stand-in-logs") ?? {};
  const blobs = await Promise.all((await readdir(blobsDir)).map((name) => stat(join(blobsDir, name))));
  expect(blobs).toHaveLength(603);
  expect(new Set(blobs.map(({ ino }) => ino)).size).toBe(4);
  expect((await objects(first)).map(({ key, size }) => [key, size])).toEqual(
    [...bodies].map(([name, body]) => [name, body.length]).sort(([a = ""], [b = ""]) => (a < b ? -1 : 1)),
  );
  const [gone = "", kept = ""] = markers;
  await get(first, `/delete?v=${encodeURIComponent(gone)}`);
  for (const name of [kept, "processed/a-0.txt", "processed/b-0.txt", "processed/empty"]) {
    expect(await get<string>(first, `/text?v=${encodeURIComponent(name)}`)).toBe(bodies.get(name));
  }
  await first.stop();

  const second = await startDev({ stateDir, logsDir, configPath: CONFIG });

  expect(second.output.join("\n")).toContain("1 put, 602 unchanged");
  expect(await get<string>(second, `/text?v=${encodeURIComponent(gone)}`)).toBe("1");
});

test("passes vars and queues through, shows the console, and ends cleanly", async () => {
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

test("reloads on a change with --watch, and survives code that cannot be built", async () => {
  const dir = await tempDir();
  const [stateDir, main] = [join(dir, "state"), join(dir, "worker.js")];
  const configPath = join(dir, "wrangler.toml");
  await writeFile(main, saying("one"));
  await writeFile(configPath, 'name = "watched"\nmain = "worker.js"\ncompatibility_date = "2026-10-01"\n');
  const dev = await startDev({ stateDir, configPath, watch: true });
  const said = async () => (await fetch(dev.url)).text();
  expect(await said()).toBe("one");

  await writeFile(main, "export default {");
  await expect.poll(() => dev.output.join("\n"), SOON).toContain("waiting for a change");
  await writeFile(main, saying("two"));

  await expect.poll(said, SOON).toBe("two");
  expect(dev.output).toContain("reloaded");
});

test("names a port that is taken", async () => {
  const stateDir = await tempDir();
  const first = await startDev({ stateDir: join(stateDir, "a"), configPath: CONFIG });
  const port = Number(new URL(first.url).port);

  await expect(startDev({ stateDir: join(stateDir, "b"), configPath: CONFIG, port })).rejects.toThrow(
    `dev: port ${port} on 127.0.0.1 is in use`,
  );
});

test("answers bad flags with one line and exit code 2", () => {
  for (const [args, message] of [
    [["--port", "x"], '--port must be 0–65535, not "x"'],
    [["--var", "no-colon"], "--var needs KEY:VALUE"],
    [["--var", "MAX_LINES_PER_SECONDS:100"], "was MAX_LINES_PER_SECOND meant?"],
    [["--logs", "/does/not/exist"], "--logs: /does/not/exist is not a directory"],
    [["--state", ""], "--state needs a value"],
    [["--port", "1", "--port", "2"], "--port is given twice"],
  ] as const) {
    const { status, stderr } = spawnSync(process.execPath, ["local/dev.ts", ...args], { encoding: "utf8" });
    expect(stderr).toContain(message);
    expect(stderr.trimEnd().split("\n")).toHaveLength(1);
    expect(status).toBe(2);
  }
});
