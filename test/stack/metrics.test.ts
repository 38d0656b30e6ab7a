// A viewer's token and a token for Prometheus, as the page of the runbook makes and uses them. Where Prometheus is
// installed (Debian package prometheus), it scrapes the Worker with the configuration of that page.
import { execFileSync, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { copyFile, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { describe, expect, onTestFinished, test } from "vitest";
import { parseMetrics } from "../support/metrics-parser.ts";
import { startStack, tempDir, WINDOW, type Stack } from "../support/stack.ts";

const PAGE = "docs/runbook/read-only-access.md";

interface Page {
  stack: Stack;
  dir: string;
  viewer: string;
  metrics: string;
  /** The commands under Verify. */
  verify: string;
  yaml: string;
}

/** Makes the tokens with the commands of the page, and starts the Worker with them. */
async function asThePageSays(): Promise<Page> {
  const text = await readFile(PAGE, "utf8");
  const block = (language: string) => [...text.matchAll(new RegExp(`^\`\`\`${language}\n([\\s\\S]*?)^\`\`\``, "gm"))].map(([, code = ""]) => code); // prettier-ignore
  const [make = "", verify = ""] = block("sh");
  const [yaml = ""] = block("yaml");
  const dir = await tempDir();
  const [commands = ""] = make.split(/^(?=npx wrangler)/m);
  const printed = execFileSync("sh", ["-c", `${commands}\necho "$VIEWER $METRICS"`], {
    cwd: dir,
    encoding: "utf8",
  });
  const [viewer = "", metrics = ""] = printed.trim().split(" ");
  const API_TOKENS = await readFile(join(dir, "tokens.json"), "utf8");
  const stack = await startStack({ logs: { files: 2, lines: 400 }, vars: { API_TOKENS } });
  return { stack, dir, viewer, metrics, verify, yaml };
}

test("gives a viewer the page and the runs, and Prometheus the metrics of a whole run", async () => {
  const { stack, viewer, metrics, verify } = await asThePageSays();
  const { dev, api } = stack;
  const lines = verify.trim().split("\n");
  expect(lines).toHaveLength(4);
  for (const line of lines) {
    const [, token = "", method = "GET", path = "", expected = ""] = /Bearer \$(\w+)"(?: -X (\w+))? "\$API(\S+)" +# (.*)$/.exec(line) ?? []; // prettier-ignore
    const headers = { Authorization: `Bearer ${token === "VIEWER" ? viewer : metrics}` };
    const response = await fetch(dev.url + path, { method, headers });
    const answered = `${response.status} ${await response.text()}`;
    for (const part of expected.split(" ")) expect(answered).toContain(part);
  }
  const page = await fetch(`${dev.url}/ui/`);
  expect([page.status, page.headers.get("Content-Type")]).toEqual([
    200,
    expect.stringContaining("text/html"),
  ]);

  const { id } = await api.startRun(WINDOW);
  const seen = async () => {
    const headers = { Authorization: `Bearer ${metrics}` };
    const families = parseMetrics(await (await fetch(`${dev.url}/metrics`, { headers })).text());
    return (name: string, label = "run") =>
      families.get(name)?.samples.map(({ labels, value }) => [labels[label], value]);
  };
  await expect
    .poll(async () => (await seen())("backfill_run_progress_ratio"), { timeout: 60_000 })
    .toEqual([[id, 1]]);
  const value = await seen();
  const { log_lines_sent } = await api.status(id);
  expect(value("backfill_run_lines_sent_total")).toEqual([[id, log_lines_sent]]);
  expect(value("backfill_post_duration_seconds")?.at(-1)?.[1]).toBeGreaterThan(0);
  expect(value("backfill_slot_held", "receiver")?.[0]?.[0]).toBe("ctyun");
});

const hasPrometheus = spawnSync("prometheus", ["--version"]).status === 0;
describe.skipIf(!hasPrometheus)("Prometheus (Debian package; skipped where it is not installed)", () => {
  test("scrapes the Worker with the configuration of the page, and loads the alert rules", async () => {
    const { stack, dir, metrics, yaml } = await asThePageSays();
    const credentials = join(dir, "backfill-token");
    await writeFile(credentials, metrics, { mode: 0o600 });
    await copyFile("docs/reference/alerts.yml", join(dir, "alerts.yml"));
    const local = yaml
      .replace("scheme: https", "scheme: http")
      .replace("/etc/prometheus/backfill-token", credentials)
      .replace("backfill.example.com", new URL(stack.dev.url).host)
      .replace("scrape_interval: 15s", "scrape_interval: 1s");
    await writeFile(join(dir, "prometheus.yml"), local);
    const url = await startPrometheus(dir);
    const ask = async (path: string) => (await (await fetch(url + path)).json()) as { data: Record<string, unknown[]> }; // prettier-ignore
    // Answers 503 while it starts, and nothing before the first scrape.
    const enabled = async () => (await ask("/api/v1/query?query=backfill_enabled")).data["result"];
    await expect.poll(enabled, { timeout: 60_000 }).toHaveLength(1);
    expect((await ask("/api/v1/targets")).data["activeTargets"]).toMatchObject([
      { health: "up", lastError: "" },
    ]);
    expect((await ask("/api/v1/rules")).data["groups"]).toMatchObject([{ name: "backfill" }]);
  });
});

/** Starts Prometheus on a free port, with its configuration in `dir`. Returns its address. */
async function startPrometheus(dir: string): Promise<string> {
  const args = [
    "--config.file=prometheus.yml",
    `--storage.tsdb.path=${join(dir, "data")}`,
    "--web.listen-address=127.0.0.1:0",
  ];
  const process = spawn("prometheus", args, { cwd: dir, stdio: ["ignore", "ignore", "pipe"] });
  onTestFinished(async () => {
    process.kill("SIGKILL");
    await once(process, "exit");
  });
  for await (const line of createInterface({ input: process.stderr })) {
    const [, address] = /msg="Listening on" address=(\S+)/.exec(line) ?? [];
    if (address !== undefined) {
      process.stderr.resume();
      return `http://${address}`;
    }
  }
  throw new Error("Prometheus did not start");
}
