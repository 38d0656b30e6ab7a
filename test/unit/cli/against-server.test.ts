// Tests what a command does when answers are lost, late, refused or not from the API, and when it may ask a person.
import { afterEach, describe, expect, it } from "vitest";
import type { Io } from "../../../src/cli/io.ts";
import { runCli, type Written } from "../../support/cli-io.ts";
import { ScriptedServer, type Asked, type Reply } from "../../support/scripted-server.ts";

const ID = "20260422T140000Z_20260422T150000Z_20260423T010203Z";
const WINDOW = ["--start", "2026-04-22T14:00:00Z", "--end", "2026-04-22T15:00:00Z"];

const STATUS = {
  id: ID,
  stage_code: "sending",
  state_reason: null,
  summary: "sending: 1 of 2 lines",
  delivery_completed: false,
  exceptions: 0,
  progress: 0.5,
  eta_seconds: 60,
  log_lines_sent: 1,
  rate: { lines_per_second: 1, max_lines_per_second: 100 },
  changed: 1,
  skipped: 0,
  under_way: false,
  leases_out: 0,
};
const DELIVERED = { ...STATUS, stage_code: "sent_waiting_cleanup", delivery_completed: true, summary: "delivered: 2 of 2 lines", progress: 1 }; // prettier-ignore
const PLAN = {
  window: { start: "2026-04-22T14:00:00Z", end: "2026-04-22T15:00:00Z", interval: "[…]" },
  complete: true,
  raw: { files: 1, bytes: 10, span: null, margin_files: null },
  uncovered_seconds: 0,
  live: null,
  overlaps: [],
  slot: { holder: null },
  lines: { low: 1, high: 2, bytes_per_line: { from: null } },
  batches: { low: 1, high: 1 },
  minutes_at_cap: { low: 1, high: 1 },
  cost_usd: { low: 1, high: 1 },
  warnings: [{ code: "rough_estimate", detail: "no earlier run" }],
};

let server: ScriptedServer | null = null;
afterEach(() => server?.stop());

/** Runs a command against a server that answers as `reply` says. */
async function cli(
  args: string[],
  reply: (asked: Asked, n: number) => Reply,
  over: Partial<Io> = {},
): Promise<Written> {
  server = await ScriptedServer.start(reply);
  const env = { BACKFILL_URL: server.url, BACKFILL_TOKEN: "t", HOME: "/nonexistent" };
  return runCli(args, { ...over, env });
}

function requests(): string[] {
  return (server?.asked ?? []).map(({ method, url }) => `${method} ${url}`);
}

describe("watch", () => {
  it("goes on after a lost connection, a gateway's answer and a failing deployment, and says so once", async () => {
    const replies: Reply[] = [
      { status: 200, body: STATUS },
      "cut",
      { status: 502, body: "<html>bad gateway</html>" },
      { status: 500, body: { code: "bad_configuration", status: 500, detail: "vars", title: "x" } },
      { status: 200, body: DELIVERED },
    ];
    const { exit, out, err } = await cli(["watch", ID], (_, n) => replies[n] ?? "cut");
    expect([exit, out]).toEqual([0, `${ID}: delivered: 2 of 2 lines\n`]);
    expect(requests()).toHaveLength(5);
    expect(err.match(/trying again/g)).toHaveLength(1);
    expect(err).toContain("reached again");
  });

  it("says at the end how many lines were sent again while the receiver remembered their token", async () => {
    const { err } = await cli(["watch", ID], () => ({
      status: 200,
      body: { ...DELIVERED, deduped_lines: 2 },
    }));
    expect(err).toContain("2 lines were sent again while the receiver remembered their token");
  });

  it("ends at once when the credential is refused", async () => {
    const refusal = { code: "unauthorized", status: 401, detail: "the token is wrong" };
    const { exit, err } = await cli(["watch", ID], () => ({ status: 401, body: refusal }));
    expect([exit, requests()]).toEqual([4, [`GET /runs/${ID}`]]);
    expect(err).toContain("next: check the token");
  });

  it("shows a bar on a terminal, and erases it at the end", async () => {
    const { out, err } = await cli(
      ["watch", ID],
      (_, n) => ({ status: 200, body: n === 0 ? STATUS : DELIVERED }),
      { errIsTty: true, errColumns: 120 },
    );
    expect(err).toContain("\r\u001b[K[████████████░░░░░░░░░░░░] 50.0 %");
    expect(err.endsWith("\r\u001b[K")).toBe(true);
    expect(out).toBe(`${ID}: delivered: 2 of 2 lines\n`);
  });

  it("prints a document for each change with --json, and nothing else", async () => {
    const replies = [STATUS, { ...STATUS, last_refresh_beijing: "later" }, DELIVERED];
    const { out, err } = await cli(["watch", ID, "--json"], (_, n) => ({
      status: 200,
      body: replies[n] ?? DELIVERED,
    }));
    expect(out.trim().split("\n").map((line) => JSON.parse(line).stage_code)).toEqual(["sending", "sent_waiting_cleanup"]); // prettier-ignore
    expect(err).toBe("");
  });
});

describe("start", () => {
  const reply = (answers: Reply[]) => (asked: Asked) =>
    asked.url === "/runs/plan" ? { status: 200, body: PLAN } : (answers.shift() ?? "cut");
  const keysOf = () => (server?.asked ?? []).filter(({ url }) => url === "/runs").map(({ headers }) => headers["idempotency-key"]); // prettier-ignore

  it("repeats a lost answer with the same key, and prints the key", async () => {
    const answers: Reply[] = [
      "cut",
      { status: 201, body: STATUS, headers: { "Idempotent-Replayed": "true" } },
    ];
    const { exit, out, err } = await cli(["start", ...WINDOW, "--yes"], reply(answers));
    expect([exit, out]).toEqual([0, `${ID}\n`]);
    const [first, second] = keysOf();
    expect(first).toMatch(/^cli-[0-9a-f-]{36}$/);
    expect([second, err]).toEqual([first, expect.stringContaining(`Idempotency-Key: ${String(first)}`)]);
  });

  it("says how to find the run when no answer comes", async () => {
    const { exit, err } = await cli(["start", ...WINDOW, "--yes", "--key", "ticket-1"], reply([]));
    expect(exit).toBe(1);
    expect(err).toContain("repeat the command with --key ticket-1: it leads to the same run");
    expect(new Set(keysOf())).toEqual(new Set(["ticket-1"]));
    expect(keysOf().length).toBeGreaterThan(1);
  });

  it("shows the plan and asks on a terminal; any answer but yes starts nothing", async () => {
    const asked: string[] = [];
    const answering = (answer: string): Partial<Io> => ({
      inIsTty: true,
      errIsTty: true,
      ask: (question) => {
        asked.push(question);
        return Promise.resolve(answer);
      },
    });
    const no = await cli(["start", ...WINDOW], reply([{ status: 201, body: STATUS }]), answering(""));
    expect([no.exit, no.out, requests()]).toEqual([2, "", ["POST /runs/plan"]]);
    expect(no.err).toContain("warning  rough_estimate: no earlier run");
    await server?.stop();
    const yes = await cli(["start", ...WINDOW], reply([{ status: 201, body: STATUS }]), answering("y"));
    expect([yes.exit, yes.out]).toEqual([0, `${ID}\n`]);
    await server?.stop();
    const replay = await cli(
      ["start", ...WINDOW, "--replay"],
      reply([{ status: 201, body: STATUS }]),
      answering("y"),
    );
    expect([replay.exit, requests()]).toEqual([2, ["POST /runs/plan"]]);
    expect(asked).toEqual(["Start this run? [y/N] ", "Start this run? [y/N] ", "Send these lines AGAIN? Type 2026-04-22 to go on: "]); // prettier-ignore
  });

  it("never waits for a person with --no-input", async () => {
    const { exit } = await cli(["start", ...WINDOW, "--no-input"], reply([]), {
      inIsTty: true,
      errIsTty: true,
    });
    expect([exit, requests()]).toEqual([2, ["POST /runs/plan"]]);
  });
});

describe("a change without a key", () => {
  it("is not repeated, because it may have been made", async () => {
    const { exit, err } = await cli(["pause", ID], () => "cut");
    expect([exit, requests()]).toEqual([1, [`POST /runs/${ID}/pause`]]);
    expect(err).toContain("unknown whether the change was made");
  });
});

describe("an answer that is not the API's", () => {
  it("of a sign-in page gets no token, and is explained", async () => {
    const login = { status: 302, headers: { Location: "https://team.cloudflareaccess.com/login" } };
    const { exit, err } = await cli(["runs"], () => login);
    expect([exit, requests()]).toEqual([4, ["GET /runs?limit=20"]]);
    expect(err).toContain("CF_ACCESS_CLIENT_ID");
  });

  it("with HTML is no data", async () => {
    const { exit, out, err } = await cli(["runs"], () => ({ status: 200, body: "<html>\u001b[31m" }));
    expect([exit, out]).toEqual([1, ""]);
    expect(err).not.toContain("\u001b");
  });
});

describe("a run", () => {
  const item = (id: string, active = false) => ({ ...STATUS, id, active });
  const other = "20260422T160000Z_20260422T170000Z_20260423T010203Z";
  const list = (...items: object[]) => ({ status: 200, body: { items, next_cursor: null } });

  it("is named by a unique beginning, and by active", async () => {
    const reply = ({ url }: Asked) =>
      url.startsWith("/runs?") ? list(item(ID), item(other, true)) : { status: 200, body: DELIVERED };
    await cli(["watch", "20260422T14"], reply);
    expect(requests().at(-1)).toBe(`GET /runs/${ID}`);
    await server?.stop();
    await cli(["watch", "active"], reply);
    expect(requests().at(-1)).toBe(`GET /runs/${other}`);
  });

  it("is not guessed when several begin alike", async () => {
    const { exit, err } = await cli(["watch", "20260422"], () => list(item(ID), item(other)));
    expect(exit).toBe(1);
    expect(err).toContain(ID);
    expect(err).toContain(other);
  });

  it("with a hostile note is shown as text", async () => {
    const hostile = { ...item(ID), start: "2026-04-22T14:00:00Z", end: "2026-04-22T15:00:00Z", note: "\u001b]0;x\u0007", lines_per_second_avg: null }; // prettier-ignore
    const { out } = await cli(["runs"], () => list(hostile));
    expect(out).toContain("\\u001b]0;x\\u0007");
    expect(out).not.toContain("\u001b");
  });
});

it("reads a list to its end, also through empty pages", async () => {
  const pages = [
    { items: [{ batch: 1 }], next_cursor: "a b" },
    { items: [], next_cursor: "c" },
    { items: [{ batch: 2 }], next_cursor: null },
  ];
  const { out } = await cli(["batches", ID, "--all", "--json", "--state", "held"], (_, n) => ({ status: 200, body: pages[n] ?? {} })); // prettier-ignore
  expect(out).toBe('{"batch":1}\n{"batch":2}\n');
  expect(requests()).toEqual([
    `GET /runs/${ID}/batches?state=held&limit=1000`,
    `GET /runs/${ID}/batches?state=held&limit=1000&cursor=a+b`,
    `GET /runs/${ID}/batches?state=held&limit=1000&cursor=c`,
  ]);
});

it("refuses a ledger without its last line", async () => {
  const { exit, err } = await cli(["ledger", ID], () => ({
    status: 200,
    body: '{"kind":"file","file":1}\n',
  }));
  expect([exit, err]).toEqual([1, expect.stringContaining("cut off")]);
});
