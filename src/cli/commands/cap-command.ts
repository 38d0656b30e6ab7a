// `cap`: changes the limits of a run while it works.
import { UsageFault } from "../faults.ts";
import { choiceFlag, flag, listFlag, noteFlag, wholeNumber, type Group } from "../program/commands.ts";
import { sendCommand } from "./send-command.ts";
import { given, limitFields, sendRange } from "./run-fields.ts";

/** "none" removes a limit. commander turns null into "", so "none" is replaced by null only when the body is made. */
type Removable = number | "none";

interface CapOptions {
  requestsPerSecond?: Removable;
  bytesPerSecond?: Removable;
  inFlight?: number;
  rate?: string;
  polite?: boolean;
  onUncertain?: string;
  sendBetween?: string[];
  dailyLines?: Removable;
  note?: string;
}

export function addCapCommand(group: Group): void {
  group.add<CapOptions>({
    usage: "cap <RUN> [LINES]",
    summary: "change the limits of a run; LINES is the most in any one second",
    options: [
      capFlag("--requests-per-second <N>", "at most so many POSTs in any one second; none removes it"),
      capFlag(
        "--bytes-per-second <N>",
        "at most so many compressed bytes in any one second; none removes it",
      ),
      flag("--in-flight <N>", "at most so many POSTs open at once").argParser((text: string) =>
        wholeNumber(text, 1),
      ),
      flag("--rate <FILES>", "files enqueued per minute, or auto"),
      flag("--polite", "slow down early"),
      flag("--no-polite", "slow down late"),
      choiceFlag("--on-uncertain <WHAT>", "what follows a POST whose answer is lost", ["resend", "hold"]),
      listFlag(
        "--send-between <HOURS>",
        'send only in these hours, like "01:00-07:00 Asia/Shanghai"; none removes them',
      ),
      capFlag("--daily-lines <LINES>", "at most so many lines in one day; none removes it"),
      noteFlag(),
    ],
    examples: [
      "logpush-backfill cap active 5000",
      'logpush-backfill cap active --in-flight 6 --send-between "01:00-07:00 Asia/Shanghai"',
      "logpush-backfill cap active --daily-lines none",
    ],
    routes: ["PATCH /runs/:id"],
    action: async (session, options, [run = "", lines]) => {
      const body = capBody(options, lines);
      return sendCommand(session, await session.run(run), { method: "PATCH", path: "", body });
    },
  });
}

function capFlag(flags: string, text: string) {
  return flag(flags, text).argParser((value: string) => (value === "none" ? value : wholeNumber(value, 1)));
}

function removed(value: Removable | undefined): number | null | undefined {
  return value === "none" ? null : value;
}

/** @throws UsageFault when no limit is given. */
function capBody(options: CapOptions, lines: string | undefined): Record<string, unknown> {
  const { requestsPerSecond, bytesPerSecond, dailyLines, sendBetween, note, ...others } = options;
  const cap = lines === undefined ? undefined : Number(lines);
  if (cap !== undefined && !(Number.isSafeInteger(cap) && cap > 0)) {
    throw new UsageFault(`"${lines}" is no number of lines`);
  }
  const fields = {
    ...limitFields({ ...others, ...(cap !== undefined && { cap }) }),
    ...given({
      max_requests_per_second: removed(requestsPerSecond),
      max_bytes_per_second: removed(bytesPerSecond),
      daily_lines: removed(dailyLines),
      send_between: sendBetween?.[0] === "none" ? null : sendBetween?.map(sendRange),
    }),
  };
  if (Object.keys(fields).length === 0) {
    throw new UsageFault("no limit is given", "logpush-backfill cap --help");
  }
  return { ...fields, ...given({ note }) };
}
