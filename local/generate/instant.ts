// Exact instants (whole seconds plus nanoseconds) and the texts that Logpush writes for them. Does no I/O. Numbers of
// 19 digits do not fit a double. So an instant is a pair, and its text is made digit by digit.

export const TIMESTAMP_FORMATS = ["unixnano", "unixms", "unix", "rfc3339", "rfc3339ms"] as const;
export type TimestampFormat = (typeof TIMESTAMP_FORMATS)[number];

export interface Instant {
  second: number;
  /** From 0 to 999,999,999. */
  nano: number;
}

const NANOS_PER_UNIT: Record<TimestampFormat, number> = {
  unixnano: 1,
  unixms: 1_000_000,
  unix: 1_000_000_000,
  rfc3339: 1_000_000_000,
  rfc3339ms: 1_000_000,
};

/** The instant with as many digits as the format can contain. Further digits are cut off, not rounded. */
export function cutTo(format: TimestampFormat, { second, nano }: Instant): Instant {
  return { second, nano: nano - (nano % NANOS_PER_UNIT[format]) };
}

/** The JSON text (with quotes for a string) of an instant that is already cut to the format. */
export function timestampJson(format: TimestampFormat, { second, nano }: Instant): string {
  return WRITERS[format](second, nano);
}

const digits = (n: number, width: number) => String(n).padStart(width, "0");

const WRITERS: Record<TimestampFormat, (second: number, nano: number) => string> = {
  unixnano: (second, nano) => `${second}${digits(nano, 9)}`,
  unixms: (second, nano) => `${second}${digits(Math.floor(nano / 1e6), 3)}`,
  unix: (second) => String(second),
  rfc3339: (second) => `"${isoSecond(second)}Z"`,
  rfc3339ms: (second, nano) => `"${isoSecond(second)}.${digits(Math.floor(nano / 1e6), 3)}Z"`,
};

/** Whether an instant lies in the window. Both edges are inside, exact to the nanosecond. */
export function isInside(
  window: { startSecond: number; endSecond: number },
  { second, nano }: Instant,
): boolean {
  if (second < window.startSecond || second > window.endSecond) return false;
  return second < window.endSecond || nano === 0;
}

export function plus({ second, nano }: Instant, nanos: number): Instant {
  const sum = nano + nanos;
  const carry = Math.floor(sum / 1e9);
  return { second: second + carry, nano: sum - carry * 1e9 };
}

/** The time stamp of object keys, like `20260422T140000Z`. */
export function keyStamp(second: number): string {
  return `${isoSecond(second).replaceAll(/[-:]/g, "")}Z`;
}

let lastSecond = NaN;
let lastText = "";

function isoSecond(second: number): string {
  // The text of one second is cached, because records come roughly in order.
  if (second !== lastSecond) {
    lastSecond = second;
    lastText = new Date(second * 1_000).toISOString().slice(0, 19);
  }
  return lastText;
}
