// `stats`: totals over many runs, and the same totals by day.
import type { StatsAnswer } from "../../contract/api/stats.ts";
import { flag, type Group } from "../program/commands.ts";
import type { Session } from "../session.ts";
import { table, type Cell } from "../text/table.ts";

const CHINA = "Asia/Shanghai";

export function addStatsCommand(group: Group): void {
  group.add<{ since?: string; until?: string; receiver?: string }>({
    usage: "stats",
    summary: "show totals over runs, also by day",
    options: [
      flag("--since <TIME>", "only runs that were created at or after this time"),
      flag("--until <TIME>", "only runs that were created at or before this time"),
      flag("--receiver <NAME>", "only runs of this receiver"),
    ],
    examples: [
      "logpush-backfill stats",
      'logpush-backfill stats --zone Asia/Shanghai --since "2026-04-01 00:00" --until "2026-04-30 23:59"',
    ],
    routes: ["GET /stats"],
    action: async (session, { since, until, receiver }) => {
      const query = {
        since: since === undefined ? undefined : session.instant("--since", since),
        until: until === undefined ? undefined : session.instant("--until", until),
        receiver,
        // The API accepts only these two zones.
        zone: session.zone === CHINA ? CHINA : "UTC",
      };
      const stats = await session.api.get<StatsAnswer>("/stats", query);
      session.show(stats, statsText(stats, session));
      if (stats.runs.all === 0) session.notice("no run was created in this time");
    },
  });
}

const HEAD = ["DAY", "RUNS", "DELIVERED", "LINES", "DUPLICATES", "POSSIBLE", "EXCEPTIONS", "LINES/S", "US$"];

function statsText(stats: StatsAnswer, { io }: Session): string[] {
  if (stats.runs.all === 0) return [];
  const rows = [...stats.days.map((day) => rowOf(day.day, day)), rowOf("total", stats)];
  return table(HEAD, rows, io.columns);
}

function rowOf(name: string, total: Omit<StatsAnswer, "since" | "until" | "zone" | "days">): Cell[] {
  const { sending_seconds: seconds, log_lines_sent: lines } = total;
  return [
    name,
    total.runs.all,
    total.runs.delivered,
    lines,
    total.duplicate_lines,
    total.possible_duplicate_lines,
    total.exceptions,
    seconds > 0 ? Math.round(lines / seconds) : null,
    total.cost_usd.toFixed(2),
  ];
}
