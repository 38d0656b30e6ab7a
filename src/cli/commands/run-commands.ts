// `runs` lists runs, and `show` shows one run.
import type { RunItem, RunStatusAnswer } from "../../contract/api/api-types.ts";
import { pagesOf } from "../api/pages.ts";
import { flag, numberFlag, type Group } from "../program/commands.ts";
import { runTable, statusText } from "../text/run-text.ts";

const DEFAULT_LIMIT = 20;

interface RunsOptions {
  stage?: string;
  receiver?: string;
  exceptions?: boolean;
  since?: string;
  until?: string;
  limit?: number;
  all?: boolean;
  ids?: boolean;
}

export function addRunCommands(group: Group): void {
  group.add<RunsOptions>({
    usage: "runs",
    summary: "list runs, newest first; an asterisk marks a run that owns the slot of its receiver",
    options: [
      flag("--stage <STAGES>", "only runs in these stages, with commas between"),
      flag("--receiver <NAME>", "only runs of this receiver"),
      flag("--exceptions", "only runs with exceptions"),
      flag("--no-exceptions", "only runs without exceptions"),
      flag("--since <TIME>", "only runs created at or after this time"),
      flag("--until <TIME>", "only runs created at or before this time"),
      numberFlag("--limit <N>", `at most N runs (default: ${DEFAULT_LIMIT})`, 1),
      flag("--all", "all runs"),
      flag("--ids", "print ids only"),
    ],
    examples: [
      "logpush-backfill runs",
      "logpush-backfill runs --stage needs_attention,suspended,paused",
      "logpush-backfill runs --exceptions --since 2026-04-01T00:00:00Z --all",
    ],
    routes: ["GET /runs"],
    action: async (session, options) => {
      const query = {
        stage: options.stage,
        receiver: options.receiver,
        exceptions: options.exceptions,
        since: options.since === undefined ? undefined : session.instant("--since", options.since),
        until: options.until === undefined ? undefined : session.instant("--until", options.until),
      };
      const most = options.all ? null : (options.limit ?? DEFAULT_LIMIT);
      const runs: RunItem[] = [];
      let hasMore = false;
      for await (const page of pagesOf<RunItem>(session.api, "/runs", query, most)) {
        hasMore = page.hasMore;
        if (session.isJson && !options.ids) page.items.forEach((run) => session.json(run));
        else runs.push(...page.items);
      }
      if (options.ids) session.lines(runs.map(({ id }) => id));
      else if (!session.isJson && runs.length > 0) {
        const { zone, io } = session;
        session.lines(runTable(runs, zone, io.columns));
      }
      if (runs.length === 0 && !session.isJson) session.notice("no run matches");
      if (hasMore) session.notice("there are more: --limit N or --all");
    },
  });

  group.add<{ raw?: boolean }>({
    usage: "show <RUN>",
    summary: "show the status of a run and the next step",
    options: [flag("--raw", "the stored rows, as JSON, for support")],
    examples: ["logpush-backfill show active", "logpush-backfill show 20260422T14 --json"],
    routes: ["GET /runs/:id"],
    action: async (session, { raw }, [run = ""]) => {
      const id = await session.run(run);
      if (raw) {
        session.json(await session.api.get(`/runs/${id}`, { view: "raw" }));
        return;
      }
      const status = await session.api.get<RunStatusAnswer>(`/runs/${id}`);
      session.show(status, statusText(status, session.zone));
    },
  });
}
