// Sends an operator's command to a run, and shows the answer.
import type { CommandAnswer } from "../../contract/api/api-types.ts";
import type { Exit } from "../exit-codes.ts";
import type { Session } from "../session.ts";
import { counted } from "../text/numbers.ts";
import { nextStep } from "../text/next-steps.ts";
import { safe } from "../text/safe-text.ts";
import { watchRun } from "./watch.ts";

export interface CommandRequest {
  method?: "POST" | "PATCH" | "DELETE";
  /** The end of the path, after the run's id, such as "/pause". */
  path: string;
  body: Record<string, unknown>;
  /** The question to the person before the command is sent. Absent: no question. Commands ask when lines may arrive
   * twice, or when a decision cannot be undone. */
  question?: string;
  /** The word that the person must type to confirm. Absent: "y" is enough. */
  word?: string;
  isSure?: boolean | undefined;
  /** True: follow the run after the command, like `watch`. */
  watch?: boolean | undefined;
}

export async function sendCommand(
  session: Session,
  id: string,
  request: CommandRequest,
): Promise<Exit | void> {
  const { method = "POST", path, body, question, word } = request;
  if (question !== undefined) await session.confirm(question, request.isSure, word);
  const { body: answer } = await session.api.change<CommandAnswer>(method, `/runs/${id}${path}`, { body });
  if (request.watch === true) {
    session.notice(safe(changeText(answer)));
    return watchRun(session, id, { until: "delivered" });
  }
  session.show(answer, [safe(changeText(answer))]);
  const step = nextStep(answer);
  if (step !== null) session.notice(safe(`next: ${step}`));
}

/** The date on which the run's window starts. A person types it to confirm a command that costs money. */
export function dateOf(id: string): string {
  return `${id.slice(0, 4)}-${id.slice(4, 6)}-${id.slice(6, 8)}`;
}

function changeText(answer: CommandAnswer): string {
  const parts = [
    counted(answer.changed, "change"),
    ...(answer.skipped ? [`${answer.skipped} skipped, because a batch is leased`] : []),
    ...(answer.under_way ? ["the rest follows"] : []),
    ...(answer.leases_out ? [`${counted(answer.leases_out, "lease")} still out`] : []),
  ];
  return `${answer.id}: ${answer.summary} (${parts.join(", ")})`;
}
