// Tests what the options of a command become in the body of a request.
import { describe, expect, it } from "vitest";
import { runCli } from "../../support/cli-io.ts";
import { ScriptedServer } from "../../support/scripted-server.ts";

const ID = "20260422T140000Z_20260422T150000Z_20260423T010203Z";
const STATUS = {
  id: ID,
  stage_code: "sending",
  state_reason: null,
  summary: "",
  changed: 1,
  leases_out: 0,
  complete: true,
};

/** The one change that a command makes: its method, path and body. */
async function changeOf(...args: string[]): Promise<unknown> {
  const server = await ScriptedServer.start(() => ({
    status: 200,
    body: { ...STATUS, outcomes: [], queue: {} },
  }));
  try {
    const env = { BACKFILL_URL: server.url, BACKFILL_TOKEN: "t", HOME: "/nonexistent" };
    await runCli([...args, "--json"], { env });
    const [first] = server.asked;
    return first && { at: `${first.method} ${first.url}`, body: JSON.parse(first.body) as unknown };
  } finally {
    await server.stop();
  }
}

describe("the body of", () => {
  it("cap has the limits, and null for none", async () => {
    const args = [
      "--daily-lines",
      "none",
      "--requests-per-second",
      "20",
      "--bytes-per-second",
      "none",
      "--no-polite",
    ];
    expect(
      await changeOf("cap", ID, "5000", ...args, "--send-between", "none", "--rate", "auto", "--note", "n"),
    ).toEqual({
      at: `PATCH /runs/${ID}`,
      body: {
        max_lines_per_second: 5_000,
        daily_lines: null,
        max_requests_per_second: 20,
        max_bytes_per_second: null,
        polite: false,
        send_between: null,
        rate: "auto",
        note: "n",
      },
    });
  });

  it("plan and queue add have the receiver, and the other verbs of the queue have it in the query", async () => {
    const window = ["--start", "2026-04-22T14:00:00Z", "--end", "2026-04-22T15:00:00Z", "--receiver", "siem"];
    const body = { start: "2026-04-22T14:00:00Z", end: "2026-04-22T15:00:00Z" };
    expect(await changeOf("plan", ...window)).toEqual({
      at: "POST /runs/plan",
      body: { receiver: "siem", ...body },
    });
    expect(await changeOf("queue", "add", ...window, "--reason", "r", "--yes")).toEqual({
      at: "POST /windows",
      body: { windows: [body], reason: "r", options: { receiver: "siem" } },
    });
    const of = ["--receiver", "siem"];
    const at = async (...args: string[]) => ((await changeOf("queue", ...args, ...of)) as { at: string }).at;
    expect(await at("cancel", "3", "--yes")).toBe("DELETE /windows/3?receiver=siem");
    expect(await at("move", "3", "--before", "2")).toBe("POST /windows/3/move?receiver=siem");
    expect(await at("pause")).toBe("POST /windows/pause?receiver=siem");
  });

  it("plan has every option of a run in the types of the API", async () => {
    const args = [
      ["--start", "2026-04-22 22:00", "--end", "2026-04-22 23:00", "--zone", "Asia/Shanghai", "--exclusive"],
      [
        "--cap",
        "20_000",
        "--batch-size",
        "500",
        "--rate",
        "10",
        "--in-flight",
        "6",
        "--polite",
        "--daily-lines",
        "1000",
      ],
      ["--send-between", "01:00-07:00 Asia/Shanghai", "--send-between", "22:00-06:00 UTC fri,sat"],
      [
        "--top-level-ray",
        "00",
        "--top-level-ray",
        "null",
        "--on-corrupt",
        "salvage",
        "--suspect-ratio",
        "0.1",
      ],
      [
        "--dedupe",
        "file",
        "--format",
        "edge-3.0-2026-05",
        "--live",
        "skip_delivered",
        "--live-batch-size",
        "2000",
        "--live-waiting",
        "send",
      ],
      [
        "--folder",
        "edge/",
        "--on-uncertain",
        "hold",
        "--on-refused",
        "split",
        "--refusal-is-atomic",
        "--replay",
      ],
      ["--canary", "5", "--note", "补发", "--dry-run"],
    ];
    expect(await changeOf("plan", ...args.flat())).toEqual({
      at: "POST /runs/plan",
      body: {
        start: "2026-04-22T14:00:00Z",
        end: "2026-04-22T15:00:00Z",
        end_exclusive: true,
        max_lines_per_second: 20_000,
        batch_size: 500,
        rate: 10,
        max_in_flight: 6,
        polite: true,
        daily_lines: 1_000,
        send_between: [
          { from: "01:00", to: "07:00", zone: "Asia/Shanghai" },
          { from: "22:00", to: "06:00", zone: "UTC", days: ["fri", "sat"] },
        ],
        top_level_parent_ray_ids: ["00", null],
        on_corrupt: "salvage",
        max_suspect_ratio: 0.1,
        dedupe: "file",
        format: "edge-3.0-2026-05",
        live: "skip_delivered",
        live_batch_size: 2_000,
        live_waiting: "send",
        folders: ["edge/"],
        on_uncertain: "hold",
        on_refused: "split",
        refusal_is_atomic: true,
        replay: true,
        canary: 5,
        note: "补发",
        dry_run: true,
      },
    });
  });

  it.each([
    [["pause", ID, "--park"], `POST /runs/${ID}/pause`, { park: true }],
    [["resume", ID, "--answers", "refused", "--yes"], `POST /runs/${ID}/resume`, { answers: "refused" }],
    [["resume", ID, "--answers", "k1=refused", "--answers", "usual=success", "--yes"], `POST /runs/${ID}/resume`, { answers: { k1: "refused", usual: "success" } }],
    [["retry", ID, "--yes"], `POST /runs/${ID}/retry`, {}],
    [["late-take", ID], `POST /runs/${ID}/late/take`, {}],
    [["abort", ID, "--force", "--note", "n", "--yes"], `DELETE /runs/${ID}`, { force: true, note: "n" }],
    [["accept", ID, "late_files", "empty_window", "--note", "n", "--yes"], `POST /runs/${ID}/accept`, { codes: ["late_files", "empty_window"], note: "n" }],
    [["file", "retry", ID, "3", "--on-corrupt", "salvage"], `POST /runs/${ID}/files/3/retry`, { on_corrupt: "salvage" }],
    [["file", "retry", ID, "3", "--allow-duplicates", "--yes"], `POST /runs/${ID}/files/3/retry`, { allow_duplicates: true }],
    [["file", "accept", ID, "3", "--discard", "--note", "n", "--yes"], `POST /runs/${ID}/files/3/accept`, { send: false, note: "n" }],
    [["file", "accept", ID, "3", "--send", "--note", "n", "--yes"], `POST /runs/${ID}/files/3/accept`, { send: true, note: "n" }],
    [["batch", "retry", ID, "7", "--yes"], `POST /runs/${ID}/batches/7/retry`, {}],
    [["batch", "resolve", ID, "7", "resend", "--yes"], `POST /runs/${ID}/batches/7/resolve`, { outcome: "resend" }],
    [["queue", "add", "--days", "-1", "--reason", "r", "--skip-sent", "--live", "ignore", "--yes"], "POST /windows", { days: -1, reason: "r", skip_sent: true, options: { live: "ignore" } }],
    [["queue", "add", "--window", "2026-04-22T14:00:00Z/2026-04-22T15:00:00Z", "--reason", "r", "--priority", "-5", "--yes"], "POST /windows", { windows: [{ start: "2026-04-22T14:00:00Z", end: "2026-04-22T15:00:00Z", end_exclusive: true }], reason: "r", priority: -5, options: {} }],
    [["queue", "add", "--from-coverage", "--start", "2026-04-22T14:00:00Z", "--end", "2026-04-22T15:00:00Z", "--reason", "r", "--yes"], "POST /windows", { from_coverage: { start: "2026-04-22T14:00:00Z", end: "2026-04-22T15:00:00Z" }, reason: "r", options: {} }],
    [["queue", "cancel", "12", "--note", "n", "--yes"], "DELETE /windows/12", { note: "n" }],
    [["queue", "move", "12", "--before", "9"], "POST /windows/12/move", { before: 9 }],
    [["queue", "move", "12", "--after", "9"], "POST /windows/12/move", { after: 9 }],
    [["auto-replay", "set", "propose", "--note", "n"], "POST /auto-replay", { mode: "propose", note: "n" }],
    [["coverage", "refresh", "--last", "1h"], "POST /coverage/refresh", { start: "2026-04-22T23:00:00Z", end: "2026-04-23T00:00:00Z" }],
    [["notify", "test", "oncall"], "POST /notifications/test", { channel: "oncall" }],
  ])("%j is right", async (args, at, body) => {
    expect(await changeOf(...args)).toEqual({ at, body });
  }); // prettier-ignore

  it.each([
    [["retry", ID]],
    [["abort", ID]],
    [["accept", ID, "late_files", "--note", "n"]],
    [["file", "accept", ID, "3", "--note", "n"]],
    [["file", "retry", ID, "3", "--replay"]],
    [["batch", "retry", ID, "7"]],
    [["batch", "resolve", ID, "7", "discard", "--note", "n"]],
    [["late-take", ID, "--replay"]],
    [["resume", ID, "--accept-receiver"]],
    [["queue", "add", "--last", "1h", "--reason", "r"]],
    [["queue", "cancel", "12"]],
    [["auto-replay", "set", "queue"]],
  ])("%j is not sent without a terminal and --yes", async (args) => {
    expect(await changeOf(...args)).toBeUndefined();
  });
});
