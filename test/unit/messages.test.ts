import { describe, expect, it } from "vitest";
import { parseMessage, readParseMessage, readSendMessage, sendMessage } from "../../src/contract/messages.ts";

function travelled(message: object): unknown {
  return JSON.parse(JSON.stringify(message));
}

describe("queue messages", () => {
  it("come back as they were sent, through JSON", () => {
    expect(readParseMessage(travelled(parseMessage("r", 7)))).toEqual({
      ok: true,
      message: { v: 1, run: "r", file: 7 },
    });
    expect(readSendMessage(travelled(sendMessage("r")))).toEqual({ ok: true, message: { v: 1, run: "r" } });
  });

  it("may have more members, because a newer producer must not break this consumer", () => {
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
  ])("that are no parse messages are refused with a reason and never thrown at: %j", (body) => {
    expect(readParseMessage(body)).toEqual({ ok: false, reason: expect.stringMatching(/./) });
  });

  it("of another version are refused, because their meaning is unknown", () => {
    expect(readSendMessage({ v: 2, run: "r" })).toMatchObject({
      ok: false,
      reason: expect.stringContaining("v"),
    });
  });
});
