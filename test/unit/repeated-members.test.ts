// JSON.parse keeps the last of two members of one name. In a var or secret, the other member would be lost silently:
// a role, a receiver, or a key.
import { describe, expect, it } from "vitest";
import { jsonFault, jsonOf } from "../../src/contract/json-text.ts";
import { readChannels } from "../../src/platform/channel-kinds.ts";
import { checkConfig } from "../../src/platform/config.ts";

const HASH = "a".repeat(64);
const REPEATED = {
  BINDING_ROLES: '{"live": "viewer", "live": "operator"}',
  ACCESS_ROLES: '{"@example.com": "viewer", "@example.com": "operator"}',
  API_TOKENS: `[{"name": "night", "role": "viewer", "role": "operator", "sha256": "${HASH}"}]`,
  RECEIVER: '{"url": "https://one.example/in", "url": "https://two.example/in"}',
  RECEIVERS: '{"siem": {"url": "https://one.example/in"}, "siem": {"url": "https://two.example/in"}}',
};

describe("a member that appears twice", () => {
  it.each(Object.entries(REPEATED))("is refused in %s, and the message has no text of it", (name, value) => {
    const answer = checkConfig({ [name]: value });
    const faults = answer.ok ? [] : answer.faults.filter((fault) => fault.name === name);
    expect(faults.map(({ detail }) => detail)).toEqual([
      expect.stringMatching(/each (name|member) once|, each once,/),
    ]);
    expect(JSON.stringify(faults)).not.toMatch(/night|siem|one\.example|two\.example/);
  });

  it("is refused in NOTIFY_CHANNELS", () => {
    const text =
      '[{"name": "a", "kind": "slack", "url": "https://one.example", "url": "https://two.example"}]';
    expect(readChannels(text)).toEqual({ channels: [], fault: expect.stringContaining("each member once") });
  });

  it("is found when its name is written with an escape", () => {
    expect(jsonFault(String.raw`{"a": 1, "\u0061": 2}`)).toEqual({ member: "a", detail: "is given twice" });
  });

  it("is no fault in two objects, or as a value", () => {
    const text = '[{"a": "a"}, {"a": {"a": ["a", "a"]}}]';
    expect(jsonFault(text)).toBeNull();
    expect(jsonOf(text)).toEqual(JSON.parse(text));
  });
});
