// The repeating parts of records: clients and resources, each with its JSON made once. Does no I/O. The same seed gives
// the same output. All values are invented. Addresses come from the documentation ranges.
import { hex32, type Random } from "./random.ts";

/** JSON members that end in a comma, and values that other members repeat. */
export interface Client {
  json: string;
  ip: string;
  country: string;
}

export interface Resource {
  host: string;
  path: string;
  /** Members that depend only on the resource. */
  json: string;
  isStatic: boolean;
}

const USER_AGENTS = [
  "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/147.0.0.0 Safari/537.36",
  "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/19.3 Safari/605.1.15",
  "Mozilla/5.0 (iPhone; CPU iPhone OS 19_3 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/19.3 Mobile/15E148 Safari/604.1",
  "Mozilla/5.0 (Linux; Android 16; 25010PN30C) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/147.0.0.0 Mobile Safari/537.36",
  "Mozilla/5.0 (Linux; Android 15; 手机) AppleWebKit/537.36 (KHTML, like Gecko) MicroMessenger/8.0.61.2880 Language/zh_CN",
  "okhttp/4.12.0",
  "Dalvik/2.1.0 (Linux; U; Android 15; V2408A Build/AP3A.240905.015)",
  "curl/8.12.1",
] as const;
const COUNTRIES = ["cn", "cn", "cn", "cn", "hk", "sg", "jp", "us", "de", "my"] as const;
const CITIES = ["Guangzhou", "Shenzhen", "Shanghai", "Beijing", "Chengdu", "Hong Kong", "Singapore"] as const;
const COLOS = ["HKG", "NRT", "SIN", "CAN", "SZX", "PVG", "LAX", "FRA", "KUL", "XZZ"] as const;
const HOSTS = ["www.example.cn", "img.example.cn", "api.example.cn", "static.example.com"] as const;
const STATIC_TYPES = [
  ["webp", "image/webp"],
  ["js", "application/javascript"],
  ["css", "text/css"],
  ["mp4", "video/mp4"],
] as const;

export function makeClient(random: Random): Client {
  const ip = random.chance(0.25)
    ? `2001:db8:${random.below(65_536).toString(16)}:${random.below(4_096).toString(16)}::${random.below(65_536).toString(16)}`
    : `${random.pick(["203.0.113", "198.51.100", "192.0.2"])}.${random.below(256)}`;
  const country = random.pick(COUNTRIES);
  const ja3 = Array.from({ length: 4 }, () => hex32(random.u32())).join("");
  const members = {
    BotScore: random.below(99) + 1,
    BotScoreSrc: "Machine Learning",
    ClientASN: 4_134 + random.below(60_000),
    ClientCity: random.pick(CITIES),
    ClientCountry: country,
    ClientDeviceType: random.pick(["desktop", "mobile", "tablet"]),
    ClientIP: ip,
    ClientIPClass: "noRecord",
    ClientMTLSAuthStatus: "unknown",
    ClientRegionCode: random.pick(["GD", "SH", "BJ", "SC", ""]),
    ClientRequestProtocol: random.pick(["HTTP/2", "HTTP/3", "HTTP/1.1"]),
    ClientRequestSource: "eyeball",
    ClientRequestUserAgent: random.pick(USER_AGENTS),
    ClientSSLCipher: "AEAD-AES128-GCM-SHA256",
    ClientSSLProtocol: random.pick(["TLSv1.3", "TLSv1.3", "TLSv1.2", "none"]),
    EdgeColoCode: random.pick(COLOS),
    EdgeColoID: 30 + random.below(700),
    EdgeServerIP: `172.68.${random.below(256)}.${random.below(256)}`,
    JA3Hash: ja3,
    JA4: `t13d1516h2_${ja3.slice(0, 12)}_${ja3.slice(12, 24)}`,
  };
  return { json: inner(members), ip, country };
}

export function makeResource(random: Random): Resource {
  const isStatic = random.chance(0.7);
  const host = random.pick(HOSTS);
  const [extension, contentType] = random.pick(STATIC_TYPES);
  const path = isStatic
    ? `/assets/${random.pick(["v2", "v3", "商品"])}/${hex32(random.u32())}/${hex32(random.u32()).slice(0, 4)}.${extension}`
    : `/api/${random.pick(["orders", "items", "carts", "users"])}/${random.below(100_000)}/detail`;
  const members = {
    CacheReserveUsed: false,
    ClientRequestHost: host,
    ClientRequestMethod: isStatic ? "GET" : random.pick(["GET", "POST", "PUT", "HEAD"]),
    ClientRequestPath: path,
    ClientRequestReferer: random.chance(0.6)
      ? `https://www.example.cn/page/${random.below(500)}?from=首页`
      : "",
    ClientRequestScheme: random.chance(0.95) ? "https" : "http",
    EdgePathingOp: "wl",
    EdgePathingSrc: "macro",
    EdgePathingStatus: "nr",
    EdgeRequestHost: host,
    EdgeResponseContentType: isStatic ? contentType : "application/json",
    OriginIP: isStatic ? "" : `10.1.${random.below(8)}.${random.below(256)}`,
    OriginSSLProtocol: isStatic ? "unknown" : "TLSv1.3",
    SecurityAction: "",
    SecurityActions: [],
    SecurityRuleDescription: "",
    SecurityRuleID: "",
    SecuritySources: [],
    WAFAttackScore: 60 + random.below(40),
    WorkerScriptName: isStatic ? "" : "edge-api",
    ZoneName: "example.cn",
  };
  return { host, path, json: inner(members), isStatic };
}

/** The members of an object without its braces, followed by a comma. */
function inner(members: Record<string, unknown>): string {
  return `${JSON.stringify(members).slice(1, -1)},`;
}
