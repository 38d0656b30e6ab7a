// `find-ray`: shows if the line of one RayID was sent. The search continues until all files were read.
import type { RayAnswer } from "../../contract/api/api-types.ts";
import { EXIT } from "../exit-codes.ts";
import { RefusedFault } from "../faults.ts";
import { flag, type Group } from "../program/commands.ts";
import type { Session } from "../session.ts";
import { counted } from "../text/numbers.ts";
import { safe } from "../text/safe-text.ts";
import { facts } from "../text/table.ts";

type Found = RayAnswer["found"][number];
type LookedAt = RayAnswer["looked_at"][number];

/** How long to wait while the run does another search. A search whose caller has gone blocks others for up to a
 * minute. */
const BUSY_WAIT_MS = 5_000;
const BUSY_LIMIT_MS = 70_000;
const HAS_OFFSET = /(?:[Zz]|[+-]\d\d:\d\d)$/;

export function addRayCommand(group: Group): void {
  group.add<{ at?: string }>({
    usage: "find-ray <RUN> <RAY>",
    summary: "find one request by its RayID, and show if it was sent",
    options: [flag("--at <TIME>", "when the request was; without it all files are searched")],
    examples: [
      "logpush-backfill find-ray active 8f2a5c0b1d3e4f60 --at 2026-04-22T14:03:00Z",
      "logpush-backfill find-ray 20260422T14 8f2a5c0b1d3e4f60 --json",
    ],
    routes: ["GET /runs/:id/rays/:ray"],
    action: async (session, { at }, [run = "", ray = ""]) => {
      // For this instant, the API accepts fractions of a second, and `session.instant` does not. So a text with an
      // offset is sent as it is.
      const instant = at === undefined || HAS_OFFSET.test(at) ? at : session.instant("--at", at);
      const path = `/runs/${await session.run(run)}/rays/${encodeURIComponent(ray)}`;
      let found = 0;
      let looked = 0;
      const unread: LookedAt[] = [];
      let cursor: string | null = null;
      do {
        const answer: RayAnswer = await search(session, path, { at: instant, cursor });
        found += answer.found.length;
        looked += answer.looked_at.length;
        unread.push(...answer.looked_at.filter(({ result }) => result !== "searched"));
        for (const one of answer.found) {
          if (session.isJson) session.json(one);
          else session.lines([...foundText(one), ""]);
        }
        cursor = answer.next_cursor;
        if (cursor !== null) session.notice(`${counted(looked, "file")} searched, ${found} found`);
      } while (cursor !== null);
      session.notice(`${counted(looked, "file")} searched, ${counted(found, "occurrence")} found`);
      for (const { key, result } of unread) session.notice(safe(`not wholly searched: ${key}: ${result}`));
      return found === 0 ? EXIT.failed : EXIT.done;
    },
  });
}

async function search(
  session: Session,
  path: string,
  query: { at: string | undefined; cursor: string | null },
): Promise<RayAnswer> {
  const deadline = session.io.now() + BUSY_LIMIT_MS;
  for (;;) {
    try {
      return await session.api.get<RayAnswer>(path, query);
    } catch (error) {
      const isBusy = error instanceof RefusedFault && error.code === "query_under_way";
      if (!isBusy || session.io.now() > deadline) throw error;
      session.notice("another search in this run has not ended; waiting");
      await session.io.wait(BUSY_WAIT_MS, session.signal);
    }
  }
}

function foundText(one: Found): string[] {
  return facts([
    ["verdict", `${one.verdict}: ${one.detail}`],
    ["file", `${one.file}, line ${one.line}: ${one.key}`],
    ["fate", one.reason === null ? one.fate : `${one.fate}: ${one.reason}`],
    ["batch", one.batch === null ? null : `${one.batch}, line ${one.line_in_batch}, digest ${one.digest}`],
    ["accepted", `${counted(one.deliveries.certain, "time")}, ${one.deliveries.possible} more possible`],
    ["marker of the live worker", one.live_marker],
    ["text", one.text],
  ]);
}
