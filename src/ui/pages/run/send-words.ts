// Says how many lines of a file are sent, and how many stay out because the live worker delivered them.
import type { FileItem } from "../../../contract/api/api-types.ts";
import { count } from "../../text/numbers.ts";
import { texts } from "../../text/texts.ts";

/** `lines`: the counts of the newest parse. Null: not known. */
export function sendWords(lines: FileItem["lines"]): string {
  const t = texts.value.rowVerbs;
  if (lines === null) return t.acceptSendNow;
  const live = lines.dropped.delivered_live;
  return t.acceptSendLines(count(lines.kept)) + (live > 0 ? t.acceptSendLive(count(live)) : "");
}
