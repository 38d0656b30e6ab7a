// Reads the hours in which a run sends, from one argument.

export interface SendRangeText {
  from: string;
  to: string;
  zone: string;
  days?: string[];
}

const FORM = /^(\d\d:\d\d)-(\d\d:\d\d) (\S+)(?: ([a-z]{3}(?:,[a-z]{3})*))?$/;

/** Reads "01:00-07:00 Asia/Shanghai" or "22:00-06:00 Asia/Shanghai fri,sat". Null: the text has another form. */
export function parseSendRange(text: string): SendRangeText | null {
  const [, from, to, zone, days] = FORM.exec(text.trim()) ?? [];
  if (from === undefined || to === undefined || zone === undefined) return null;
  return { from, to, zone, ...(days !== undefined && { days: days.split(",") }) };
}
