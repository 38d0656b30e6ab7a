// The hours in which a run may send. Plain data, in the field names of the API.

export const WEEKDAYS = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"] as const;

export type Weekday = (typeof WEEKDAYS)[number];

/** A range of the wall clock of one zone. A range whose `to` is not after its `from` ends on the next day. */
export type SendRange = {
  /** The beginning of the range, as "HH:MM". */
  from: string;
  /** The end of the range, as "HH:MM" or "24:00". The range ends before this minute. */
  to: string;
  /** The IANA name of the time zone, such as "Asia/Shanghai". */
  zone: string;
  /** The days on which the range begins. Absent: every day. */
  days?: Weekday[];
};

/** The most ranges of one run: two for each day of the week. */
export const MAX_SEND_RANGES = 14;
