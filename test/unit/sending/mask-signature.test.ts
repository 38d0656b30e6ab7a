// A signature that a receiver repeats is masked in every form. Other text is unchanged.
import fc from "fast-check";
import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { maskDigests, maskForms, maskOf, type Signature } from "../../../src/receivers/mask-signature.ts";

const KEY = "test-private-key";

function signatureOf(uri: string, ts: number, rand: number): Signature & { authKey: string } {
  const md5 = createHash("md5").update(`${uri}-${ts}-${rand}-${KEY}`).digest("hex");
  const authKey = `${ts}-${rand}-${md5}`;
  return { url: `http://receiver.test${uri}?auth_key=${authKey}`, md5, key: KEY, authKey };
}

const SIGNED = signatureOf("/log/edge", 1_900_000_000, 4_711);
const mask = maskOf(SIGNED);
const base64 = (text: string): string => Buffer.from(text, "latin1").toString("base64");
const percent = (text: string): string =>
  Array.from(text, (char) => `%${char.charCodeAt(0).toString(16)}`).join("");
const unicode = (text: string): string =>
  Array.from(text, (char) => `\\u00${char.charCodeAt(0).toString(16)}`).join("");
const entities = (text: string): string => Array.from(text, (char) => `&#${char.charCodeAt(0)};`).join("");
const hex = (text: string): string => Buffer.from(text, "latin1").toString("hex");
const raw = Buffer.from(SIGNED.md5, "hex");

describe("a mask", () => {
  it.each([
    ["the whole URL", SIGNED.url],
    ["the signature", SIGNED.authKey],
    ["the MD5 alone", SIGNED.md5],
    ["the MD5 in upper case", SIGNED.md5.toUpperCase()],
    ["with %2D", SIGNED.authKey.replaceAll("-", "%2D")],
    ["with %252d", SIGNED.authKey.replaceAll("-", "%252d")],
    ["in base64", base64(SIGNED.authKey)],
    ["in base64 after other bytes", base64(`x${SIGNED.authKey}`)],
    ["in base64 after two bytes", base64(`xy${SIGNED.url}`)],
    ["in base64url", Buffer.from(`?>${SIGNED.url}`).toString("base64url")],
    ["raw bytes in base64", raw.toString("base64")],
    ["raw bytes in base64url", raw.toString("base64url")],
    ["in base64 twice", base64(base64(SIGNED.authKey))],
    ["base64 in percent", encodeURIComponent(base64(SIGNED.authKey))],
    ["percent for every character", percent(SIGNED.md5)],
    ["JSON escapes", unicode(SIGNED.md5)],
    ["HTML entities", entities(SIGNED.authKey)],
    ["hex of the text", hex(SIGNED.md5)],
    ["pairs with colons", SIGNED.md5.replaceAll(/(..)(?=.)/g, "$1:")],
    ["base64 in lines", base64(SIGNED.url).replaceAll(/(.{20})/g, "$1\r\n")],
    ["base64 in lines of JSON", base64(SIGNED.url).replaceAll(/(.{16})/g, "$1\\n")],
    ["in two lines", `${SIGNED.md5.slice(0, 16)}\n${SIGNED.md5.slice(16)}`],
    ["broken off", SIGNED.md5.slice(0, 11)],
    ["the key", KEY],
    ["the key in base64", base64(KEY)],
    ["auth_key in JSON", `"auth_key": "${SIGNED.authKey}"`],
  ])("cuts %s", (_what, form) => {
    const masked = mask(`{"echo":"${form}","code":0}`);
    expect(masked).not.toContain(form);
    expect(masked.toLowerCase()).not.toContain(SIGNED.md5.slice(0, 8));
    expect(masked).toContain('{"echo":"');
  });

  it("masks the signature of a URI that holds = and ?", () => {
    const signed = signatureOf("/log/edge?type=1&x=2", 1_900_000_000, 7);
    const url = signed.url.replace("?auth_key", "&auth_key");
    for (const echo of [url, `auth_key=${signed.authKey}`, signed.authKey, signed.md5])
      expect(maskOf({ ...signed, url })(`you sent ${echo}`)).not.toContain(signed.md5);
  });

  it.each([
    "ok", "", '{"code":0,"message":"success"}', "20300422T140000Z", "d41d8cd98f00b204e9800998ecf8427e", "日志 ok",
    '{"id":"4f1c2b9e-8f2d-4a53-9c0e-1f2d3c4b5a69","took":12}', "aGVsbG8gd29ybGQgaGVsbG8=", "100%", "%zz &#; \\u00", "1900000000",
  ])("leaves %j as it is", (text) => {
    expect(mask(text)).toBe(text);
  }); // prettier-ignore

  it("masks signatures of other POSTs by their form", () => {
    const other = signatureOf("/log/edge", 1_900_000_111, 99);
    for (const text of [other.url, other.authKey, other.authKey.replaceAll("-", "%2d").toUpperCase()])
      expect(mask(`seen before: ${text}!`).toLowerCase()).not.toContain(other.md5);
    expect(maskForms(`expected ${other.authKey}`)).toBe("expected [cut]");
    expect(maskDigests(`expected ${other.md5}, id 12`)).toBe("expected [cut], id 12");
  });
});

describe("a signature in any form that a receiver makes of it", () => {
  const forms: ((text: string) => string)[] = [
    (text) => text,
    base64,
    (text) => Buffer.from(text, "latin1").toString("base64url"),
    percent,
    encodeURIComponent,
    unicode,
    entities,
    hex,
    (text) => text.replaceAll("-", "%2D"),
  ];
  // Base64 in upper case is no longer the signature.
  const firstForms = [
    ...forms,
    (text: string) => text.toUpperCase(),
    (text: string) => text.replaceAll(/(...)/g, "$1-"),
  ];
  it("is masked, with any text around it", () => {
    fc.assert(
      fc.property(
        fc.nat(99_999),
        fc.integer({ min: 1_600_000_000, max: 2_100_000_000 }),
        fc.constantFrom("md5", "authKey", "url"),
        fc.tuple(fc.constantFrom(...firstForms), fc.constantFrom(...forms)),
        fc.string({ maxLength: 20 }),
        fc.string({ maxLength: 20 }),
        fc.string({ maxLength: 4 }).map((text) => text.replaceAll(/[^ -~]/g, "")),
        (rand, ts, part, chain, before, after, inside) => {
          const signed = signatureOf("/log/edge", ts, rand);
          const form = chain.reduce((text, encode) => encode(text), inside + signed[part]);
          const masked = maskOf(signed)(`${before} ${form} ${after}`);
          // The masked form of the MD5's last half.
          const half = (16 * form.length) / (inside.length + signed[part].length);
          expect(masked).not.toContain(form.slice(-Math.floor(half)));
          expect(masked.toLowerCase()).not.toContain(signed.md5.slice(8, 16));
          expect(masked.includes("[cut]") || masked.includes("[url]")).toBe(true);
        },
      ),
      { numRuns: 500 },
    );
  });

  it("is masked in time that grows with the text", () => {
    for (const char of ["a", "0", "%", "-", "&", "A1", "%25"]) {
      const startedAt = performance.now();
      mask(char.repeat(Math.ceil(16_384 / char.length)));
      expect(performance.now() - startedAt).toBeLessThan(2_000);
    }
  });
});
