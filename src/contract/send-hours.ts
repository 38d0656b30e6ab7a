// The hours in which a run may send. Plain data, in the field names of the API.

export const WEEKDAYS = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"] as const;

export type Weekday = (typeof WEEKDAYS)[number];

/** A range of the wall clock of one zone. A range whose `to` is not after its `from` ends on the next day. */
export type SendRange = {
  /** "HH:MM". */
  from: string;
  /** "HH:MM", or "24:00". The range ends before this minute. */
  to: string;
  /** An IANA name, such as "Asia/Shanghai". */
  zone: string;
  /** The days on which the range begins. Absent: every day. */
  days?: Weekday[];
};

/** A day has at most two ranges, and a week has seven days. */
export const MAX_SEND_RANGES = 14;
