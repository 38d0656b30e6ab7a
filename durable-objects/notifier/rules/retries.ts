// Decides when a failed notification is tried again. Does no I/O. The caller passes the random number.
import type { ChannelKind } from "../../../src/contract/notifications.ts";
import { MINUTE_MS } from "../../../src/contract/time-units.ts";

/** How long to wait after the first, the second, … the sixth failed attempt. After the seventh, the Notifier gives
 * up. */
const RETRY_WAITS_MS = [5_000, 30_000, 120_000, 600_000, 3_600_000, 10_800_000] as const;
export const MAX_ATTEMPTS = RETRY_WAITS_MS.length + 1;
const JITTER = 0.2;
/** The longest wait with its jitter and one busy minute. A stored time farther in the future was written before the
 * clock was set back. */
export const LONGEST_WAIT_MS = 13_020_000;

/** Feishu is overloaded in the first minute of each half hour, and then refuses messages with the code 11232. */
const BUSY_MINUTE_MS = 1_800_000;

/** When the next attempt may begin, after `attempts` failed attempts. Null: the Notifier gives up. `askedMs`: the
 * wait that the channel asked for. `random`: from 0 to 1. */
export function retryAt(
  {
    attempts,
    kind,
    askedMs,
    random,
  }: { attempts: number; kind: ChannelKind | null; askedMs: number; random: number },
  now: number,
): number | null {
  const waitMs = RETRY_WAITS_MS[attempts - 1];
  if (waitMs === undefined) return null;
  const at = now + Math.max(askedMs, Math.round(waitMs * (1 - JITTER + 2 * JITTER * random)));
  return kind === "feishu" && at % BUSY_MINUTE_MS < MINUTE_MS ? at + MINUTE_MS : at;
}

/** The shortest time between two messages of one channel, in ms. DingTalk and WeCom accept 20 messages a minute.
 * Feishu accepts 100 a minute and 5 a second. Slack accepts about one a second. */
export function gapMs(kind: ChannelKind | null): number {
  switch (kind) {
    case "dingtalk":
    case "wecom":
      return 3_100;
    case "feishu":
      return 650;
    case "slack":
      return 1_100;
    case "standard":
    case null:
      return 0;
  }
}
