// `npm run demo -- --open`: prints the address of a page that works, and keeps the page working until a signal ends
// the process.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { expect, onTestFinished, test } from "vitest";
import { generateLogs } from "../../local/generate/sample-logs.ts";

const [START, END] = ["2026-04-22T14:00:00Z", "2026-04-22T14:10:00Z"];
const LIMIT_MS = 300_000;

test(
  "prints the address of a page that shows the delivered run, until Ctrl-C",
  { timeout: LIMIT_MS },
  async () => {
    const dir = await mkdtemp(join(tmpdir(), "backfill-demo-test-"));
    onTestFinished(() => rm(dir, { recursive: true, force: true, maxRetries: 5 }));
    await generateLogs({
      outDir: dir,
      startMs: Date.parse(START),
      endMs: Date.parse(END),
      files: 2,
      lines: [200],
      malformedShare: 0,
    });
    const flags = ["--logs", dir, "--start", START, "--end", END, "--open"];
    const demo = spawn(process.execPath, ["local/demo.ts", ...flags], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    onTestFinished(() => void demo.kill("SIGKILL"));
    const exited = once(demo, "exit");
    const printed: string[] = [];
    for await (const line of createInterface({ input: demo.stdout })) {
      printed.push(line);
      if (line.startsWith("Ctrl-C")) break;
    }
    const found = /The page is (\S+)#token=(\S+)/.exec(printed.join("\n"));
    expect(found, printed.join("\n")).not.toBeNull();
    const [, address = "", token = ""] = found ?? [];
    const page = await fetch(address);
    expect([page.status, page.headers.get("Content-Type")]).toEqual([200, "text/html; charset=utf-8"]);
    const [script = ""] = /\/ui\/assets\/main-[^"]+\.js/.exec(await page.text()) ?? [];
    expect((await fetch(new URL(script, address))).status).toBe(200);
    const runs = await fetch(new URL("/runs", address), { headers: { Authorization: `Bearer ${token}` } });
    const { items } = (await runs.json()) as { items: { delivered_at: string | null; start: string }[] };
    expect(items).toMatchObject([{ start: START, delivered_at: expect.any(String) as string }]);
    demo.kill("SIGINT");
    expect(await exited).toEqual([0, null]);
    await expect(fetch(address)).rejects.toThrow();
  },
);
