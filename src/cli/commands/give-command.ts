// Gives a run an operator's command, and shows the answer.
import type { CommandAnswer } from "../../contract/api/api-types.ts";
import type { Exit } from "../exit-codes.ts";
import type { Session } from "../session.ts";
import { counted } from "../text/numbers.ts";
import { nextStep } from "../text/next-steps.ts";
import { safe } from "../text/safe-text.ts";
import { watchRun } from "./watch.ts";

export interface Given {
  method?: "POST" | "PATCH" | "DELETE";
  /** The path below the run, such as "/pause". */
  path: string;
  body: Record<string, unknown>;
  /** Asked before the command is given. Absent: the command can be undone. */
  question?: string;
  /** What must be typed. Absent: "y" is enough. */
  word?: string;
  isSure?: boolean | undefined;
  /** Follow the run afterwards. */
  watch?: boolean | undefined;
}

export async function giveCommand(session: Session, id: string, given: Given): Promise<Exit | void> {
  const { method = "POST", path, body, question, word } = given;
  if (question !== undefined) await session.confirm(question, given.isSure, word);
  const { body: answer } = await session.api.change<CommandAnswer>(method, `/runs/${id}${path}`, { body });
  if (given.watch === true) {
    session.notice(safe(changeText(answer)));
    return watchRun(session, id, { until: "delivered" });
  }
  session.show(answer, [safe(changeText(answer))]);
  const step = nextStep(answer);
  if (step !== null) session.notice(safe(`next: ${step}`));
}

/** The date of the window's start, which a person types before something that costs money. */
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
