// A dead letter is a queue message that no consumer could handle. The run counts it and wakes its clock. A dead
// letter changes no file and no batch, because the run's rows still contain the work.
import type { Env } from "../platform/env.ts";
import { errorText, type Log } from "../platform/log.ts";
import { readParseMessage, readSendMessage } from "../contract/messages.ts";
import { runObject } from "../platform/objects.ts";

export async function recordDeadLetter(
  queue: "parse" | "send",
  body: unknown,
  env: Env,
  log: Log,
): Promise<void> {
  const read = queue === "parse" ? readParseMessage(body) : readSendMessage(body);
  if (!read.ok) {
    log("error", "dead_letter_unreadable", { queue, reason: read.reason });
    return;
  }
  log("warn", "dead_letter", { queue, ...read.message });
  try {
    await runObject(env, read.message.run).deadLetter(queue);
  } catch (error) {
    log("warn", "dead_letter_unheard", { queue, run: read.message.run, error: errorText(error) });
  }
}
