// `series` shows the rate of a run over time. The other commands show the deployment: settings, metrics,
// notifications, and the API document.
import type { NotificationsAnswer, TestMessagesAnswer } from "../../contract/api/notifications.ts";
import type { SeriesAnswer } from "../../contract/api/run-series.ts";
import type { SystemAnswer } from "../../contract/api/system.ts";
import { EXIT } from "../exit-codes.ts";
import { flag, type Group } from "../program/commands.ts";
import type { Session } from "../session.ts";
import { shownInstant } from "../text/instants.ts";
import { safe } from "../text/safe-text.ts";
import { facts, table, type Cell } from "../text/table.ts";

export function addSystemCommands(group: Group): void {
  group.add<{ since?: string }>({
    usage: "series <RUN>",
    summary: "show the rate of a run over time",
    options: [flag("--since <TIME>", "only intervals that begin at or after this time")],
    examples: [
      "logpush-backfill series active",
      "logpush-backfill series 20260422T14 --since 2026-04-23T00:00:00Z",
    ],
    routes: ["GET /runs/:id/series"],
    action: async (session, { since }, [run = ""]) => {
      const query = { since: since === undefined ? undefined : session.instant("--since", since) };
      const series = await session.api.get<SeriesAnswer>(`/runs/${await session.run(run)}/series`, query);
      session.show(series, seriesText(series, session));
      if (series.points.length === 0) session.notice("the run has sent nothing in this time");
    },
  });

  group.add({
    usage: "system",
    summary: "show the settings of the deployment; secrets by name only",
    examples: ["logpush-backfill system"],
    routes: ["GET /system"],
    action: async (session) => {
      const system = await session.api.get<SystemAnswer>("/system");
      session.show(system, systemText(system, session));
    },
  });

  group.add({
    usage: "metrics",
    summary: "print the metrics, as Prometheus reads them",
    examples: ["logpush-backfill metrics"],
    routes: ["GET /metrics"],
    action: (session) => printText(session, "/metrics"),
  });

  group.add({
    usage: "openapi",
    summary: "print the OpenAPI document of the deployment",
    examples: ["logpush-backfill openapi"],
    routes: ["GET /openapi.json"],
    action: (session) => printText(session, "/openapi.json"),
  });

  const notify = group.group("notify", "look at the notification channels, and test them");
  notify.add({
    usage: "list",
    summary: "show the channels, and the outcomes of notifications",
    examples: ["logpush-backfill notify list"],
    routes: ["GET /notifications"],
    action: async (session) => {
      const view = await session.api.get<NotificationsAnswer>("/notifications");
      const rows = view.channels.map(({ name, kind, host, pending, last, fault }): Cell[] => [
        name,
        kind,
        host,
        pending,
        last && shownInstant(last.at, session.zone),
        fault ?? last?.outcome ?? "",
      ]);
      if (rows.length === 0 && !session.isJson) session.notice("no channel: set the secret NOTIFY_CHANNELS");
      session.show(view, rows.length === 0 ? [] : table(["CHANNEL", "KIND", "HOST", "PENDING", "LAST", "OUTCOME"], rows, session.io.columns)); // prettier-ignore
      for (const { name, detail } of view.faults) session.notice(safe(`${name}: ${detail}`));
    },
  });
  notify.add({
    usage: "test [CHANNEL]",
    summary: "send a test message to one channel, or to all",
    examples: ["logpush-backfill notify test", "logpush-backfill notify test oncall"],
    routes: ["POST /notifications/test"],
    action: async (session, _options, [channel]) => {
      const body = channel === undefined ? {} : { channel };
      const { body: answer } = await session.api.change<TestMessagesAnswer>("POST", "/notifications/test", {
        body,
      });
      const { outcomes } = answer;
      session.show(answer, facts(outcomes.map((one) => [one.channel, `${one.outcome}${one.detail === null ? "" : `: ${one.detail}`}`]))); // prettier-ignore
      return outcomes.every(({ delivered }) => delivered) ? EXIT.done : EXIT.failed;
    },
  });
}

async function printText(session: Session, path: string): Promise<void> {
  const text = await (await session.api.fetch("GET", path)).text();
  session.io.out(text.endsWith("\n") ? text : `${text}\n`);
}

function systemText(system: SystemAnswer, { io }: Session): string[] {
  const vars = system.vars.map(({ name, value, set, shown }): Cell[] => [
    name,
    set ? "set" : "default",
    shown ? (value ?? "off") : "not shown",
  ]);
  const secrets = system.secrets.map(({ name, set }): Cell[] => [name, set ? "set" : "missing", ""]);
  const receivers = system.receivers.map(({ name, kind, max_lines_per_second: cap, slot_holder }): Cell[] => [
    name,
    kind ?? "not configured",
    cap,
    slot_holder ?? "free",
  ]);
  return [
    ...facts([
      ["receiver", system.receiver_id],
      ["kill switch", system.enabled ? "on: runs may send" : "off: no run sends"],
      ["slot", system.slot_holder ?? "free"],
      ["missing secrets", system.missing_secrets.join(", ")],
      ["tokens", system.tokens.map(({ name, role }) => `${name} (${role})`).join(", ")],
    ]),
    "",
    ...(receivers.length > 1
      ? [...table(["RECEIVER", "KIND", "CAP", "SLOT"], receivers, io.columns), ""]
      : []),
    ...table(["NAME", "STATE", "VALUE"], [...vars, ...secrets], io.columns),
  ];
}

function seriesText({ points }: SeriesAnswer, { zone, io }: Session): string[] {
  if (points.length === 0) return [];
  const rows = points.map((point): Cell[] => [
    shownInstant(point.at, zone),
    point.seconds,
    Math.round(point.lines / point.seconds),
    point.target_lines_per_second,
    point.max_lines_per_second,
    point.posts,
    point.failures,
    point.ack_ms.p95,
  ]);
  return table(
    ["AT", "SECONDS", "LINES/S", "TARGET", "CAP", "POSTS", "FAILURES", "P95 MS"],
    rows,
    io.columns,
  );
}
