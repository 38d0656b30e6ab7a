// The doctor of the command line: exit codes, both halves, and the lines that it adds itself.
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import type { DoctorAnswer } from "../../../src/contract/api/api-types.ts";
import { clockLine, refusedLine } from "../../../src/cli/doctor/connection-checks.ts";
import { runCli } from "../../support/cli-io.ts";

const AS_OF = "2026-04-23T00:00:00.000Z";
let server: Server | undefined;
afterEach(() => void server?.close());

async function apiThatAnswers(
  status: number,
  body: unknown,
): Promise<{ env: Record<string, string>; paths: string[] }> {
  const paths: string[] = [];
  server = createServer((request, response) => {
    paths.push(request.url ?? "");
    response.writeHead(status, { "Content-Type": "application/json" }).end(JSON.stringify(body));
  });
  await new Promise<void>((resolve) => server?.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    env: { BACKFILL_URL: `http://127.0.0.1:${port}`, BACKFILL_TOKEN: "t", HOME: "/nonexistent" },
    paths,
  };
}

function answer(level: "ok" | "warning" | "fault"): DoctorAnswer {
  const remedy = level === "ok" ? null : "Do this.";
  return {
    as_of: AS_OF,
    worst: level,
    lines: [{ check: "logs", outcome: "x", level, detail: "seen", remedy }],
  };
}

describe("logpush-backfill doctor", () => {
  it.each([
    ["ok", 0],
    ["warning", 0],
    ["fault", 1],
  ] as const)("ends for a worst line %s with %i", async (level, exit) => {
    const { env, paths } = await apiThatAnswers(200, answer(level));
    const ended = await runCli(["doctor", "--deployment", "--signed-empty"], { env });
    expect([ended.exit, ended.err]).toEqual([exit, ""]);
    expect(ended.out).toContain(`deployment: ${level}\n`);
    expect(ended.out).toContain("seen");
    expect(ended.out.includes("next: Do this.")).toBe(level !== "ok");
    expect(paths).toEqual(["/doctor?signed_empty=true"]);
  });

  it.each([
    [401, "unauthorized", 4, "not_signed_in"],
    [403, "not_allowed", 4, "not_allowed"],
    [422, "invalid_query", 1, "refused"],
  ])("shows a refusal %i as a line, and ends with %i", async (status, code, exit, outcome) => {
    const { env } = await apiThatAnswers(status, { status, code, title: "no" });
    const ended = await runCli(["doctor", "--deployment", "--json"], { env });
    expect(ended.exit).toBe(exit);
    expect(JSON.parse(ended.out)).toMatchObject({
      worst: "fault",
      local: null,
      deployment: [{ check: "api", outcome }],
    });
  });

  it("shows an API that is not reached as a fault", async () => {
    const env = { BACKFILL_URL: "http://127.0.0.1:1", HOME: "/nonexistent" };
    const ended = await runCli(["doctor", "--deployment"], { env });
    expect(ended.exit).toBe(1);
    expect(ended.out).toContain("next: Check the address");
  });

  it.each([
    [["doctor", "--deployment"], "no API is named"],
    [["doctor", "--local", "--dir", "/nonexistent"], "is no clone"],
    [["doctor", "--dir", "/nonexistent"], "no API is named"],
  ])("%j is a wrong command line", async (args, text) => {
    const { exit, out, err } = await runCli(args);
    expect([exit, out, err]).toEqual([2, "", expect.stringContaining(text)]);
  });
});

describe("the clock check", () => {
  const at = Date.parse(AS_OF);
  it.each([
    [at - 50, at + 50, "agrees"],
    [at + 59_000, at + 60_000, "agrees"],
    [at + 61_000, at + 62_000, "differs"],
    [at - 70_000, at - 61_000, "differs"],
  ])("compares %i to %i with the Worker's clock: %s", (began, ended, outcome) => {
    expect(clockLine(at, began, ended)).toMatchObject({ check: "clock", outcome });
  });
});

it("keeps a refusal without a code readable", () => {
  expect(refusedLine(502, null)).toMatchObject({ outcome: "refused", detail: "the API answered 502" });
});
