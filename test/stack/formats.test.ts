// The golden lines of both formats through the whole stack, and a run whose vars change while it parses. What arrives
// must equal the golden lines byte for byte.
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { describe, expect, test, type TestContext } from "vitest";
import { CaptureReceiver } from "../support/capture-receiver.ts";
import { DELIVERY_LIMIT_MS, startStack, type Scope } from "../support/stack.ts";

const WINDOW = { start: "2026-04-22T00:00:00Z", end: "2026-04-24T00:00:00Z", end_exclusive: true };
const GOLDEN_VARS = {
  FORMAT_FIELD_11: "192.0.2.11",
  FORMAT_FIELD_58: "0123456789abcdef0123456789abcdef",
};
const OTHER_VARS = { LINE_FORMAT: "edge-3.0", FORMAT_FIELD_11: "198.51.100.1", FORMAT_FIELD_58: "" };
const GOLDEN_DIR = join(import.meta.dirname, "../fixtures/golden");

interface Row {
  record: Record<string, unknown>;
  line: string;
}

/** The rows that a run over WINDOW keeps. */
async function rowsOf(file: string): Promise<Row[]> {
  const text = await readFile(join(GOLDEN_DIR, file), "utf8");
  const rows = text.split("\n").filter((line) => line !== "").map((line): Row => JSON.parse(line)); // prettier-ignore
  return rows.filter(({ record, line }) => {
    const ms = Number(line.split("\u0001")[4]) * 1_000;
    return record["ParentRayID"] === "00" && ms >= Date.parse(WINDOW.start) && ms < Date.parse(WINDOW.end);
  });
}

/** The golden rows of edge-3.0 are older than the data centres of May 2026. */
async function withOlderDataCentres(rows: Row[]): Promise<Row[]> {
  const [older, newer] = await Promise.all(
    ["colo-country.json", "colo-country-2026-05.json"].map(
      async (file) =>
        new Set(Object.keys(JSON.parse(await readFile(join(GOLDEN_DIR, file), "utf8")) as object)),
    ),
  );
  return rows.filter(({ record }) => {
    const code = String(record["EdgeColoCode"]).toUpperCase();
    return older!.has(code) || !newer!.has(code);
  });
}

/** A stack whose bucket contains the rows in two files, and a receiver that keeps the lines. */
async function goldenStack(rows: Row[], vars: Record<string, string>, scope: Scope) {
  const receiver = await CaptureReceiver.start();
  scope.onTestFinished(async () => receiver.stop());
  const half = Math.ceil(rows.length / 2);
  const logs = async (dir: string) => {
    const day = join(dir, "logs-in", "logs", "20260423");
    await mkdir(day, { recursive: true });
    for (const [n, part] of [rows.slice(0, half), rows.slice(half)].entries()) {
      const text = part.map(({ record }) => `${JSON.stringify(record)}\n`).join("");
      await writeFile(join(day, `20260423T0${n}0000Z_20260423T0${n}0500Z_a.log.gz`), gzipSync(text));
    }
    return { logsDir: join(dir, "logs-in"), files: [] };
  };
  const stack = await startStack({ logs, vars: { CTYUN_ENDPOINT: receiver.url, ...vars }, scope });
  return { stack, receiver, half };
}

function byText(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}

/** Sorts lines. Two files are parsed at the same time, so their lines arrive in any order. */
function sorted(lines: readonly string[]): string[] {
  return lines.map((line) => Buffer.from(line).toString()).toSorted(byText);
}

describe.concurrent("golden lines through the whole stack", () => {
  test.for([
    { file: "lines-2026-05.ndjson", asked: {}, vars: { LINE_FORMAT: "edge-3.0-2026-05" } },
    { file: "lines-2026-05.ndjson", asked: { format: "edge-3.0-2026-05" }, vars: {} },
    { file: "lines.ndjson", asked: { format: "edge-3.0" }, vars: { LINE_FORMAT: "edge-3.0-2026-05" } },
  ])("arrive byte for byte: %j", async ({ file, asked, vars }, context: TestContext) => {
    const all = await rowsOf(file);
    const rows = file === "lines.ndjson" ? await withOlderDataCentres(all) : all;
    expect(rows.length).toBeGreaterThan(80);
    const { stack, receiver } = await goldenStack(rows, { ...GOLDEN_VARS, ...vars }, context);
    const plan = await stack.operator.call<{ format: string }>("POST", "/runs/plan", { ...WINDOW, ...asked });
    const run = await stack.operator.call<{ id: string }>("POST", "/runs", {
      ...WINDOW,
      ...asked,
      max_suspect_ratio: 1,
    });
    expect([plan.status, run.status]).toEqual([200, 201]);
    const status = await stack.api.waitUntilDelivered(run.body.id, DELIVERY_LIMIT_MS);
    const format = file === "lines.ndjson" ? "edge-3.0" : "edge-3.0-2026-05";
    expect([plan.body.format, (status as unknown as { spec: { format: string } }).spec.format]).toEqual([
      format,
      format,
    ]);
    expect(sorted(receiver.take())).toEqual(sorted(rows.map(({ line }) => line)));
  });

  test("a run keeps its format and constants when a deployment changes the vars", async (context) => {
    const rows = await rowsOf("lines-2026-05.ndjson");
    const vars = { ...GOLDEN_VARS, LINE_FORMAT: "edge-3.0-2026-05" };
    const { stack, receiver, half } = await goldenStack(rows, vars, context);
    // One file a minute: the second file waits until the vars have changed.
    const asked = { ...WINDOW, rate: 1, max_suspect_ratio: 1 };
    const run = await stack.operator.call<{ id: string }>("POST", "/runs", asked);
    await context.expect
      .poll(() => receiver.lines.length, { timeout: 30_000, interval: 50 })
      .toBeGreaterThanOrEqual(Math.min(half, rows.length - half));
    await stack.dev.stop();
    const early = receiver.take();
    expect(early.length).toBeLessThan(rows.length);

    const later = await stack.restart(OTHER_VARS);
    const patched = await later.operator.call("PATCH", `/runs/${run.body.id}`, { rate: 100 });
    expect(patched.status).toBe(200);
    await later.api.waitUntilDelivered(run.body.id, DELIVERY_LIMIT_MS);
    const arrived = new Set(sorted([...early, ...receiver.take()]));
    expect([...arrived].toSorted(byText)).toEqual(
      [...new Set(sorted(rows.map(({ line }) => line)))].toSorted(byText),
    );
  });
});
