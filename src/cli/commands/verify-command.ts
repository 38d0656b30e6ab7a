// `verify`: makes a run recount its rows, and waits for the result.
import type { CommandAnswer, RunStatusAnswer } from "../../contract/api/api-types.ts";
import { EXIT } from "../exit-codes.ts";
import { flag, type Group } from "../program/commands.ts";
import { counted } from "../text/numbers.ts";
import { sentAgainText } from "../text/run-text.ts";
import { table } from "../text/table.ts";

const POLL_EVERY_MS = 500;

export function addVerifyCommand(group: Group): void {
  group.add<{ wait?: boolean }>({
    usage: "verify <RUN>",
    summary: "recount the rows of a run; exits with 7 when a sum differs",
    options: [flag("--no-wait", "do not wait for the result")],
    examples: ["logpush-backfill verify active"],
    routes: ["POST /runs/:id/verify", "GET /runs/:id"],
    action: async (session, { wait }, [run = ""]) => {
      const id = await session.run(run);
      const path = `/runs/${id}/verify`;
      const begun = await session.api.change<CommandAnswer>("POST", path, { body: {} });
      let status: Pick<RunStatusAnswer, "verification" | "deduped_lines"> = begun.body;
      if (wait === false) {
        session.show(status.verification, [`${id}: the recount is under way`]);
        return EXIT.done;
      }
      while (status.verification.under_way || status.verification.last === null) {
        await session.io.wait(POLL_EVERY_MS, session.signal);
        status = await session.api.getPatiently<RunStatusAnswer>(`/runs/${id}`);
      }
      const { last } = status.verification;
      const { files, batches, differences } = last;
      const rows = differences.map((one) => [one.file, one.what, one.recorded, one.counted]);
      session.show(status.verification, [
        `${id}: ${counted(files, "file")}, ${counted(batches, "batch", "batches")}, ${counted(differences.length, "difference")}`,
        ...(rows.length > 0 ? table(["FILE", "WHAT", "RECORDED", "COUNTED"], rows, session.io.columns) : []),
      ]);
      const sentAgain = sentAgainText(status);
      if (sentAgain !== null) session.notice(sentAgain);
      return differences.length > 0 ? EXIT.differs : EXIT.done;
    },
  });
}
