// Endpoint and URI: an accepted setting is sent exactly as it was signed. Any other setting is refused by name.
import fc from "fast-check";
import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { checkConfig } from "../../../src/platform/config.ts";
import { sign } from "../../../src/receivers/sign.ts";
import { endpointOf, uriOf } from "../../../src/receivers/receiver-url.ts";

const KEY = "test-private-key";
const SECRETS = { CTYUN_ENDPOINT: "http://host", CTYUN_URI_EDGE: "/log/edge", CTYUN_PRIVATE_KEY: KEY };

/** Names of the refused settings. Empty: accepted. */
function refused(over: Partial<typeof SECRETS>): string[] {
  const answer = checkConfig({ ...SECRETS, ...over });
  return answer.ok ? [] : answer.faults.map((fault) => fault.name);
}

/** The path that a URL parser sends, and whether the signature fits the text before it. */
function sent(over: Partial<typeof SECRETS>): { target: string; isSigned: boolean } {
  const answer = checkConfig({ ...SECRETS, ...over });
  if (!answer.ok || !answer.config.receivers.ctyun) throw new Error("refused");
  const { url } = sign({ ...answer.config.receivers.ctyun, nowMs: 1_900_000_000_000, rand: 7 });
  const { pathname, search, hash } = new URL(url);
  const target = pathname + search + hash;
  const [, uri = "", ts, rand, md5] = /^(.*)[?&]auth_key=(\d+)-(\d+)-([0-9a-f]{32})$/.exec(target) ?? [];
  const expected = createHash("md5").update(`${uri}-${ts}-${rand}-${KEY}`).digest("hex");
  return { target: uri, isSigned: md5 === expected };
}

describe("an endpoint", () => {
  it.each([
    ["http://host", "http://host"],
    ["http://host/", "http://host"],
    ["http://host\n", "http://host"],
    [" https://host:8443/\r\n", "https://host:8443"],
    ["HTTPS://Host:443", "https://host"],
    ["http://[::1]:8790", "http://[::1]:8790"],
  ])("is taken as %j from %j", (text, endpoint) => {
    expect(endpointOf(text)).toBe(endpoint);
    expect(sent({ CTYUN_ENDPOINT: text })).toEqual({ target: "/log/edge", isSigned: true });
  });

  it.each([
    "http://host//", "http://host/base", "http://host?x=1", "http://host/?", "http://host#a", "http://ho st", "http://ho\nst",
    "http://me@host", "http://me:pw@host", "ftp://host", "host", "http://", "http://日志.cn", "http://host\\x", "http://0x7f.1", "//host",
  ])("is refused as %j", (text) => {
    expect(refused({ CTYUN_ENDPOINT: text })).toEqual(["CTYUN_ENDPOINT"]);
  }); // prettier-ignore
});

describe("a URI of the receiver", () => {
  it.each([
    ["/log/edge", "/log/edge"],
    ["/log/edge\n", "/log/edge"],
    ["/log/edge ", "/log/edge"],
    ["/log/edge?type=1", "/log/edge?type=1"],
    ["/log/edge?type=1&x=%20", "/log/edge?type=1&x=%20"],
    ["/%E6%97%A5%E5%BF%97/edge", "/%E6%97%A5%E5%BF%97/edge"],
    ["/a%2Fb;v=1,2/~x", "/a%2Fb;v=1,2/~x"],
    ["/", "/"],
    ["//log", "//log"],
  ])("is sent and signed as %j from %j", (text, target) => {
    expect(sent({ CTYUN_URI_EDGE: text })).toEqual({ target, isSigned: true });
  });

  it.each([
    "/x/../log/edge", "/x/./log", "/x/%2e%2E/log", "/..", "/log/edge#a", "/log/edge#", "/log edge", "/日志/edge", "/log\\edge",
    "/log\nedge", "/log\tedge", "/log/edge?", "/log?x='a'", "/log?x=日", '/log?x="a"', "/a{b}", "/a^b", "/log?auth_key=1", "log/edge", "?x",
  ])("is refused as %j", (text) => {
    expect(refused({ CTYUN_URI_EDGE: text })).toEqual(["CTYUN_URI_EDGE"]);
  }); // prettier-ignore

  it("is sent as it was signed, whenever it is taken", () => {
    const piece = fc.constantFrom("/", "a", "log", ".", "..", "?", "&", "=", "#", "%2e", "%", "é", " ", "\\", "\n", "'", "{", "|", "^", ";", "auth_key="); // prettier-ignore
    fc.assert(
      fc.property(fc.array(fc.oneof(piece, fc.string({ maxLength: 2 })), { maxLength: 8 }), (pieces) => {
        const text = `/${pieces.join("")}`;
        const uri = uriOf(text);
        if (uri === null) expect(refused({ CTYUN_URI_EDGE: text })).toEqual(["CTYUN_URI_EDGE"]);
        else expect(sent({ CTYUN_URI_EDGE: text })).toEqual({ target: uri, isSigned: true });
      }),
      { numRuns: 2_000 },
    );
  });
});

it("loses the line feed that was pasted with a key", () => {
  expect(sent({ CTYUN_PRIVATE_KEY: `${KEY}\r\n` }).isSigned).toBe(true);
});
