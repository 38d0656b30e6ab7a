// The command that the page shows makes the request that the page would send.
import { execFileSync } from "node:child_process";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { commandOf, curlOf } from "../../../src/ui/pages/new/equivalents.ts";
import { bodyOf, dryRunOf, formOf } from "../../../src/ui/pages/new/run-form.ts";
import { runCli } from "../../support/cli-io.ts";

let server: Server;
let asked: unknown[] = [];

beforeAll(async () => {
  server = createServer((request, response) => {
    void text(request).then((body) => {
      asked.push(JSON.parse(body));
      // The server refuses the plan, so the command ends before it starts anything.
      response.writeHead(422, { "Content-Type": "application/problem+json" });
      response.end(JSON.stringify({ code: "invalid_body", title: "seen", status: 422, detail: "seen" }));
    });
  });
  await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve));
});
afterAll(() => void server.close());

/** What a shell makes of a command. */
function wordsOf(command: string): string[] {
  return execFileSync("sh", ["-c", `printf '%s\\0' ${command}`])
    .toString("utf8")
    .split("\0")
    .slice(0, -1);
}

async function bodyOfCommand(command: string): Promise<unknown> {
  asked = [];
  const { port } = server.address() as AddressInfo;
  const env = { HOME: "/nonexistent", BACKFILL_URL: `http://127.0.0.1:${port}`, BACKFILL_TOKEN: "t" };
  await runCli(wordsOf(command).slice(1), { env });
  return asked[0];
}

const WINDOW = "start=2026-04-22T14:00:00Z&end=2026-04-22T15:00:00Z";
const ALL = new URLSearchParams({
  start: "2026-04-22T14:00:00Z",
  end: "2026-04-22T15:00:00Z",
  end_exclusive: "true",
  max_lines_per_second: "20,000",
  canary: "5",
  note: 'it\'s 100 % $HOME `id` "quoted"; rm -rf /',
  live: "skip_delivered",
  live_batch_size: "1000",
  live_waiting: "send",
  batch_size: "500",
  max_requests_per_second: "10",
  max_bytes_per_second: "1000000",
  max_in_flight: "12",
  polite: "true",
  send_between: "01:00-07:00 Asia/Shanghai mon,tue; 12:00-13:00 UTC",
  daily_lines: "1000000",
  on_uncertain: "hold",
  on_refused: "split",
  refusal_is_atomic: "true",
  on_corrupt: "salvage",
  dedupe: "file",
}).toString();

describe("the command for a form", () => {
  it.each([
    ["of a window", WINDOW],
    ["of a window with an exclusive end", `${WINDOW}&end_exclusive=true`],
    ["with every option", ALL],
  ])("%s sends the body of the page", async (_, query) => {
    const body = bodyOf(formOf(new URLSearchParams(query)));
    expect(await bodyOfCommand(commandOf(body))).toEqual(body);
  });

  it("of a dry run has no canary", async () => {
    const body = dryRunOf(bodyOf(formOf(new URLSearchParams(`${WINDOW}&canary=3`))));
    expect(await bodyOfCommand(commandOf(body))).toEqual(body);
    expect(body).not.toHaveProperty("canary");
  });

  it("names a flag for every option of the form", () => {
    const form = formOf(new URLSearchParams(ALL));
    expect(Object.keys(bodyOf(form))).toHaveLength(new URLSearchParams(ALL).size);
  });
});

describe("the curl command", () => {
  it("carries the body unchanged, and no token", () => {
    const body = bodyOf(formOf(new URLSearchParams(ALL)));
    const words = wordsOf(curlOf("https://backfill.example", body).replaceAll("$(uuidgen)", "key"));
    expect(JSON.parse(words.at(-1) ?? "")).toEqual(body);
    expect(words).toContain("https://backfill.example/runs");
    expect(curlOf("https://backfill.example", body)).toContain("$BACKFILL_TOKEN");
  });
});
