// NOTIFY_CHANNELS and PUBLIC_URL: what is accepted, what becomes a fault, and that no fault repeats a value or suspends a run.
import { describe, expect, it } from "vitest";
import { checkConfig } from "../../../src/platform/config.ts";
import { UNNAMED_CHANNELS } from "../../../durable-objects/notifier/unnamed-rows.ts";
import { areAllNamed, isNamed, readChannels } from "../../../src/platform/channel-kinds.ts";
import { notifySettingsOf } from "../../../src/platform/notify-settings.ts";

const SECRET = `whsec_${btoa("0123456789abcdef01234567")}`;
const GOOD = { name: "oncall", kind: "slack", url: "https://hooks.slack.com/services/T/B/planted-key" };

function read(...entries: unknown[]) {
  return readChannels(JSON.stringify(entries)).channels;
}

describe("a channel", () => {
  it("gets every type and the language of its vendor by default", () => {
    const [slack, feishu] = read(GOOD, { ...GOOD, name: "feishu", kind: "feishu" });
    expect(slack).toMatchObject({ ok: true, lang: "en", secret: null });
    expect(slack?.ok && slack.events).toHaveLength(7);
    expect(feishu).toMatchObject({ ok: true, lang: "zh" });
  });

  it("takes the types by their full and their short names", () => {
    const [one] = read({ ...GOOD, events: ["needs_attention", "run.delivered", "delivered", "hole_found"] });
    expect(one?.ok && one.events).toEqual(["run.needs_attention", "run.delivered", "coverage.hole_found"]);
  });

  it("may use plain http on this machine only", () => {
    const urls = [
      "http://127.0.0.1:8080/hook",
      "http://localhost/x",
      "http://example.com/hook",
      "ftp://x/",
      "//x",
    ];
    expect(urls.map((url) => read({ ...GOOD, url })[0]?.ok)).toEqual([true, true, false, false, false]);
  });

  it.each([
    ["kind", { ...GOOD, kind: "email" }],
    ["url", { ...GOOD, url: "https://user:planted-key@example.com/" }],
    ["url", { ...GOOD, url: `https://example.com/${"x".repeat(2_048)}` }],
    ["lang", { ...GOOD, lang: "de" }],
    ["events", { ...GOOD, events: ["planted-key"] }],
    ["secret", { ...GOOD, kind: "standard" }],
    ["secret", { ...GOOD, kind: "standard", secret: "planted-key" }],
    ["secret", { ...GOOD, kind: "standard", secret: `whsec_${btoa("short")}` }],
    ["expected an object", { ...GOOD, "planted-key": 1 }],
    ["expected an object", { name: "oncall", kind: "slack" }],
  ])("has a fault about %s that keeps its name and repeats no value: %j", (about, entry) => {
    const [one] = read(entry);
    expect(one).toMatchObject({ ok: false, name: "oncall" });
    const fault = one?.ok === false ? one.fault : "";
    expect(fault).toMatch(new RegExp(`^${about}`));
    expect(fault).not.toContain("planted-key");
  });

  it("has the number of its entry as name when its own name cannot be used", () => {
    expect(
      read(GOOD, { ...GOOD, name: "two words" }, "text", GOOD, null).map(({ ok, name }) => [ok, name]),
    ).toEqual([
      [true, "oncall"],
      [false, "entry 2"],
      [false, "entry 3"],
      [false, "entry 4"],
      [false, "entry 5"],
    ]);
  });

  it("is named when its own name can be used, also when another member is wrong", () => {
    const all = read({ ...GOOD, kind: "email" }, { ...GOOD, name: "b", kind: "standard" }, GOOD, "text");
    expect(all.map(isNamed)).toEqual([true, true, false, false]);
  });

  it("cannot have the name under which notices wait for the names of channels", () => {
    expect(read({ ...GOOD, name: UNNAMED_CHANNELS })).toMatchObject([{ ok: false, isNamed: false }]);
  });

  it("may sign by the Standard Webhooks rule with and without the prefix of the secret", () => {
    const standard = { ...GOOD, kind: "standard" };
    expect(read({ ...standard, secret: SECRET })[0]?.ok).toBe(true);
    expect(read({ ...standard, secret: SECRET.slice(6) })[0]?.ok).toBe(true);
  });
});

describe("the settings of notifications", () => {
  it.each(["{", "{}", "7", '"planted-key"', JSON.stringify(Array.from({ length: 21 }, () => GOOD))])(
    "report a secret that is no short list: %s",
    (text) => {
      const { channels, fault } = readChannels(text);
      expect(channels).toEqual([]);
      expect(fault).toMatch(/^expected /);
      expect(fault).not.toContain("planted-key");
    },
  );

  it("name all channels unless the list or a name cannot be read", () => {
    const texts = [
      "",
      "[]",
      [GOOD],
      [{ ...GOOD, kind: "email" }],
      "{",
      [{ ...GOOD, name: "" }],
      [GOOD, GOOD],
    ];
    const lists = texts.map((text) => readChannels(typeof text === "string" ? text : JSON.stringify(text)));
    expect(lists.map(areAllNamed)).toEqual([true, true, true, true, false, false, false]);
  });

  it("never make the configuration bad", () => {
    const env = { NOTIFY_CHANNELS: "planted-key", PUBLIC_URL: "planted-key" };
    expect(checkConfig(env).ok).toBe(true);
    const { channels, publicUrl } = notifySettingsOf(env);
    expect([channels.fault, publicUrl.fault].every((fault) => fault?.startsWith("expected"))).toBe(true);
    expect(publicUrl.url).toBeNull();
  });

  it("take an origin for links, and nothing else", () => {
    const urls = [
      "https://b.example.com",
      "https://b.example.com/",
      "https://b.example.com/ui",
      "http://b.example.com",
      "",
    ];
    expect(urls.map((PUBLIC_URL) => notifySettingsOf({ PUBLIC_URL }).publicUrl.url)).toEqual([
      "https://b.example.com",
      "https://b.example.com",
      null,
      null,
      null,
    ]);
  });
});
