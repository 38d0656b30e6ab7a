// Turns a notice into a title, rows and a link, in one language. Does no I/O. A notice contains no text of the
// receiver, no note and no URL, so no message shows them. The name of an actor may be any text, so characters that
// could be markup are removed.
import { FIRST_RECEIVER } from "../../../src/contract/receivers.ts";
import type { CoverageNoticeData, Notice, RunNoticeData } from "../../../src/contract/notices.ts";
import type { Language } from "../../../src/contract/notifications.ts";
import { CHINESE } from "./chinese.ts";
import { ENGLISH, type TextKey } from "./english.ts";
import { reasonText } from "./reasons.ts";
import { bracketed, instantText, windowText } from "./times.ts";

/** red: a person is needed. amber: something is wrong, but may end without a person. green: good news. */
export type Tone = "red" | "amber" | "green";

export interface Message {
  title: string;
  tone: Tone;
  rows: { label: string; text: string }[];
  /** The address of the page. Null: PUBLIC_URL is not set. */
  link: { label: string; url: string } | null;
}

/** A message lists this many holes and counts the others, because vendors limit the length of a message. */
const SHOWN_HOLES = 8;
const LONGEST_ACTOR = 100;

export function messageOf(notice: Notice, language: Language, publicUrl: string | null): Message {
  const link = linkOf(notice, publicUrl);
  const head = {
    title: titleOf(notice, language),
    tone: toneOf(notice),
    link: link === null ? null : { label: text("open", language), url: link },
  };
  const at = { label: text("at", language), text: instantText(notice.at, language) };
  if (notice.type === "test") {
    const rows = [
      { label: text("test", language), text: text("test_text", language) },
      { label: text("actor", language), text: plain(notice.data.actor) },
      at,
    ];
    return { ...head, rows };
  }
  const rows = "run" in notice.data ? runRows(notice.data, language) : holeRows(notice.data, language);
  return { ...head, rows: [...rows, at] };
}

/** The address of the page about the run or about coverage. Null when PUBLIC_URL is not set. */
export function linkOf(notice: Notice, publicUrl: string | null): string | null {
  if (publicUrl === null) return null;
  if (notice.type === "test") return `${publicUrl}/ui/system`;
  return "run" in notice.data ? `${publicUrl}/ui/runs/${notice.data.run}` : `${publicUrl}/ui/coverage`;
}

function titleOf(notice: Notice, language: Language): string {
  const isExceptional = notice.type === "run.delivered" && notice.data.exceptions > 0;
  const title = text(isExceptional ? "run.delivered_exceptions" : notice.type, language);
  const isDry = notice.type !== "test" && "dry_run" in notice.data && notice.data.dry_run;
  return isDry ? bracketed(title, text("dry_run", language), language) : title;
}

function toneOf({ type, data }: Notice): Tone {
  switch (type) {
    case "run.needs_attention":
      return "red";
    case "run.suspended":
    case "run.aborted":
    case "coverage.hole_found":
      return "amber";
    case "run.delivered":
      return "exceptions" in data && data.exceptions > 0 ? "amber" : "green";
    case "run.resumed":
    case "coverage.replay_queued":
    case "test":
      return "green";
  }
}

function runRows(data: RunNoticeData, language: Language): Message["rows"] {
  const { state_reason: reason, window, exceptions, actor } = data;
  const rows: Message["rows"] = [];
  if (reason) rows.push({ label: text("reason", language), text: reasonRow(data, reason.code, language) });
  const span = windowText(Date.parse(window.start), Date.parse(window.end), language);
  rows.push({ label: text("window", language), text: span });
  const sent = `${text("sent", language)} ${count(data.log_lines_sent)}`;
  const left = `${text("left", language)} ${count(data.lines_left)}`;
  rows.push({ label: text("lines", language), text: sent + text("comma", language) + left });
  if (exceptions > 0) rows.push({ label: text("exceptions", language), text: count(exceptions) });
  if (actor !== "system") rows.push({ label: text("actor", language), text: plain(actor) });
  const { receiver = FIRST_RECEIVER } = data;
  if (receiver !== FIRST_RECEIVER) rows.push({ label: text("receiver", language), text: receiver });
  rows.push({ label: text("run", language), text: data.run });
  return rows;
}

/** The reasons as text: "held_batches: 3 batches are held; failed_files: 1 files failed". Some codes have no count. */
function reasonRow({ problems }: RunNoticeData, code: string, language: Language): string {
  const counted = Object.entries(problems).map(([problem, n]) => described(problem, language, n));
  const isCounted = Object.hasOwn(problems, code);
  return [...(isCounted ? [] : [described(code, language, null)]), ...counted].join(
    text("semicolon", language),
  );
}

function described(code: string, language: Language, n: number | null): string {
  const meaning = reasonText(code, language);
  const words = [n === null ? "" : count(n), meaning ?? ""].filter((word) => word !== "").join(" ");
  return words === "" ? code : code + text("colon", language) + words;
}

function holeRows({ holes, holes_total }: CoverageNoticeData, language: Language): Message["rows"] {
  const rows = holes.slice(0, SHOWN_HOLES).map(({ start, end, files, state }) => ({
    label: text("window", language),
    text: [
      windowText(Date.parse(start), Date.parse(end), language),
      `${count(files)} ${text("files", language)}`,
      state,
    ].join(text("comma", language)),
  }));
  const more = holes_total - rows.length;
  return more > 0
    ? [...rows, { label: text("window", language), text: `${count(more)} ${text("more", language)}` }]
    : rows;
}

export function text(key: TextKey, language: Language): string {
  return (language === "zh" ? CHINESE : ENGLISH)[key];
}

function count(n: number): string {
  return n.toLocaleString("en");
}

/** Removes all characters that Markdown, Slack's mrkdwn or HTML could read as markup. */
export function plain(value: string): string {
  const [...characters] = value.replaceAll(/[\p{C}\p{Z}]+/gu, " ").replaceAll(/[[\](){}<>*_`~|#&\\!]/g, "");
  return characters.slice(0, LONGEST_ACTOR).join("").trim();
}
