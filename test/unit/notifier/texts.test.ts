// The texts of messages: both languages have every key, every state reason has a text, and Beijing time agrees with UTC.
import { describe, expect, it } from "vitest";
import { CHINESE } from "../../../durable-objects/notifier/texts/chinese.ts";
import { ENGLISH } from "../../../durable-objects/notifier/texts/english.ts";
import { messageOf } from "../../../durable-objects/notifier/texts/message.ts";
import { REASONS, reasonText } from "../../../durable-objects/notifier/texts/reasons.ts";
import { instantText, windowText } from "../../../durable-objects/notifier/texts/times.ts";
import { codes, document, headings } from "../docs/markdown.ts";
import { holeNotice, runNotice } from "../../support/notices.ts";

function at(text: string): number {
  return Date.parse(text);
}

describe("the dictionaries", () => {
  it("have equal keys and no empty text", () => {
    expect(Object.keys(CHINESE).toSorted()).toEqual(Object.keys(ENGLISH).toSorted());
    expect([...Object.values(CHINESE), ...Object.values(ENGLISH)].filter((text) => text === "")).toEqual([]);
  });

  it("have a text for every state reason", () => {
    const explained = headings(document("docs/reference/state-reasons.md")).flatMap(codes);
    expect(Object.keys(REASONS).toSorted()).toEqual(explained.toSorted());
  });

  it("use the text of the group for a status without a text of its own, and none for an unknown code", () => {
    expect(reasonText("receiver_http_502", "en")).toBe(REASONS.receiver_http_5xx.en);
    expect(reasonText("receiver_http_401", "zh")).toBe(REASONS.receiver_http_401.zh);
    expect(reasonText("of_tomorrow", "en")).toBeNull();
  });
});

describe("a time", () => {
  it.each([
    ["2026-04-22T14:00:00Z", "2026-04-22T15:00:00Z", "22:00–23:00 Beijing (14:00–15:00Z)"],
    ["2026-04-22T15:30:00Z", "2026-04-22T16:30:00Z", "04-22 23:30–04-23 00:30 Beijing (15:30–16:30Z)"],
    ["2026-04-22T16:00:00Z", "2026-04-22T17:00:05Z", "00:00–01:00:05 Beijing (04-22 16:00–17:00:05Z)"],
    ["2026-12-31T23:00:00Z", "2027-01-01T01:00:00Z", "07:00–09:00 Beijing (12-31 23:00–01-01 01:00Z)"],
  ])("agrees in Beijing time and UTC across midnight: %s to %s", (start, end, beijing) => {
    const [day = ""] = beijing.match(/^\d\d-\d\d/) ?? [];
    const expected =
      day === "" ? `${new Date(at(start) + 28_800_000).toISOString().slice(5, 10)} ${beijing}` : beijing;
    expect(windowText(at(start), at(end), "en")).toBe(expected);
  });

  it("names both days of an instant", () => {
    expect(instantText(at("2026-04-22T19:03:00Z"), "zh")).toBe("04-23 03:03 北京时间（04-22 19:03Z）");
  });
});

describe("a message", () => {
  it("names each kind of problem with its number", () => {
    const notice = runNotice({ problems: { failed_files: 1, held_batches: 3 } });
    expect(messageOf(notice, "en", null).rows[0]?.text).toBe(
      "failed_files: 1 files failed; held_batches: 3 batches are held",
    );
  });

  it("names the receiver of a run, unless it is the first one", () => {
    const receivers = [undefined, "default", "siem"].map((receiver) => {
      const notice = runNotice(receiver === undefined ? {} : { receiver });
      return messageOf(notice, "en", null).rows.find(({ label }) => label === "Receiver")?.text;
    });
    expect(receivers).toEqual([undefined, undefined, "siem"]);
  });

  it("shows the code alone when no text is known", () => {
    const notice = runNotice({ state_reason: { code: "of_tomorrow", detail: "" }, problems: {} });
    expect(messageOf(notice, "zh", null).rows[0]?.text).toBe("of_tomorrow");
  });

  it("shows eight holes and counts the others", () => {
    const { rows } = messageOf(holeNotice(30), "en", null);
    expect(rows.map(({ text }) => text).slice(8, 9)).toEqual(["22 more"]);
    expect(rows[0]?.text).toBe("04-22 08:00–08:10 Beijing (00:00–00:10Z), 14 files, proposed");
  });
});
