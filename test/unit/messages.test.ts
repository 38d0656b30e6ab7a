import { describe, expect, it } from "vitest";
import { parseMessage, readParseMessage, readSendMessage, sendMessage } from "../../src/contract/messages.ts";

function travelled(message: object): unknown {
  return JSON.parse(JSON.stringify(message));
}

describe("queue messages", () => {
  it("survive a round trip through JSON", () => {
    expect(readParseMessage(travelled(parseMessage("r", 7)))).toEqual({
      ok: true,
      message: { v: 1, run: "r", file: 7 },
    });
    expect(readSendMessage(travelled(sendMessage("r")))).toEqual({ ok: true, message: { v: 1, run: "r" } });
  });

  it("take unknown members, because a newer producer must not break this consumer", () => {
    expect(readSendMessage({ v: 1, run: "r", urgent: true })).toMatchObject({ ok: true });
  });

  it.each([
    null,
    "r",
    [],
    {},
    { v: 2, run: "r", file: 1 },
    { v: 1, run: "", file: 1 },
    { v: 1, run: "r", file: 1.5 },
    { v: 1, run: "r", file: "1" },
    { v: 1, run: "r", file: -1 },
  ])("are refused with a reason, and never thrown at, when they are malformed: %j", (body) => {
    expect(readParseMessage(body)).toEqual({ ok: false, reason: expect.stringMatching(/./) });
  });

  it("are refused when they are of another version, because their meaning is unknown", () => {
    expect(readSendMessage({ v: 2, run: "r" })).toMatchObject({
      ok: false,
      reason: expect.stringContaining("v"),
    });
  });
});
