// The partner format cf_vod_v3.0: which of the 145 fields says what. Owns that table and nothing else; a field that no
// column names is "-". docs/format.md tells the same in prose.

import type { ParseVersion } from "../../contract/parse-spec.ts";
import { hitOrMiss, staticOrDynamic } from "./cache-status.ts";
import { COUNTRY_OF_COLO, COUNTRY_OF_COLO_2026_05 } from "./colo-country.ts";
import { seconds, secondsWithoutNegativeZero } from "./duration.ts";
import type { LogRecord } from "./log-record.ts";
import type { Stamp } from "./stamp.ts";
import { text, textOrEmpty, truncate } from "./text.ts";

export const FIELD_COUNT = 145;

export type SourceField = keyof LogRecord;

export interface Column {
  /** 1-based positions in the line; several when the partner wants a value repeated. */
  at: readonly number[];
  /** Source fields whose own text the value may hold: it can bring control characters along. */
  copies: readonly SourceField[];
  print: (record: LogRecord, stamp: Stamp) => string;
}

const URL_UNITS = 4096;
const REFERER_UNITS = 2048;
const USER_AGENT_UNITS = 1024;
/** The partner counts traffic from an unknown place as domestic. */
const UNKNOWN_COUNTRY = "CN";

/** What a parse version decides: how a duration is printed, and which data centres are known. */
interface VersionRules {
  duration: (value: unknown) => string;
  countryOfColo: ReadonlyMap<string, string>;
}

/** Each print names its field literally: a shared function would look every name up the slow way. */
function columnsOf({ duration, countryOfColo }: VersionRules): readonly Column[] {
  return [
    { at: [1], copies: [], print: () => "cf_vod_v3.0" },
    { at: [2], copies: [], print: (_, stamp) => stamp.bracketed },
    { at: [3], copies: ["RayID"], print: (r) => text(r.RayID) },
    { at: [4], copies: ["EdgeResponseStatus"], print: (r) => text(r.EdgeResponseStatus) },
    { at: [5], copies: [], print: (_, stamp) => stamp.epoch },
    { at: [6, 9], copies: [], print: (r) => duration(r.EdgeTimeToFirstByteMs) },
    { at: [7], copies: [], print: (r) => duration(r.OriginResponseHeaderReceiveDurationMs) },
    { at: [8], copies: [], print: (r) => duration(r.OriginRequestHeaderSendDurationMs) },
    { at: [11], copies: ["EdgeServerIP"], print: (r) => text(r.EdgeServerIP) },
    { at: [12], copies: [], print: (r) => port(r.ClientRequestScheme) },
    { at: [13, 36, 40], copies: ["ClientIP"], print: (r) => text(r.ClientIP) },
    { at: [14], copies: ["ClientSrcPort"], print: (r) => text(r.ClientSrcPort) },
    { at: [15], copies: ["ClientRequestMethod"], print: (r) => text(r.ClientRequestMethod) },
    { at: [16], copies: ["ClientRequestScheme"], print: (r) => text(r.ClientRequestScheme) },
    { at: [17, 60], copies: ["ClientRequestHost"], print: (r) => text(r.ClientRequestHost) },
    { at: [18], copies: ["ClientRequestScheme", "ClientRequestHost", "ClientRequestURI"], print: url },
    { at: [19], copies: ["ClientRequestProtocol"], print: (r) => text(r.ClientRequestProtocol) },
    { at: [20], copies: ["ClientRequestBytes"], print: (r) => text(r.ClientRequestBytes) },
    { at: [21], copies: ["ResponseHeaders"], print: (r) => contentLength(r.ResponseHeaders) },
    { at: [22], copies: ["EdgeResponseBytes"], print: (r) => text(r.EdgeResponseBytes) },
    { at: [23], copies: ["EdgeResponseBodyBytes"], print: (r) => text(r.EdgeResponseBodyBytes) },
    { at: [24, 29], copies: ["OriginIP"], print: (r) => text(r.OriginIP) },
    { at: [25, 30], copies: ["OriginResponseStatus"], print: (r) => text(r.OriginResponseStatus) },
    { at: [26], copies: [], print: (r) => duration(r.OriginResponseDurationMs) },
    { at: [27, 28], copies: [], print: (r) => hitOrMiss(r.CacheCacheStatus) },
    { at: [33], copies: ["EdgeResponseContentType"], print: (r) => text(r.EdgeResponseContentType) },
    {
      at: [34],
      copies: ["ClientRequestReferer"],
      print: (r) => truncate(text(r.ClientRequestReferer), REFERER_UNITS),
    },
    {
      at: [35],
      copies: ["ClientRequestUserAgent"],
      print: (r) => truncate(text(r.ClientRequestUserAgent), USER_AGENT_UNITS),
    },
    { at: [42], copies: [], print: (r) => staticOrDynamic(r.CacheCacheStatus) },
    { at: [44], copies: [], print: (r) => duration(r.OriginTLSHandshakeDurationMs) },
    { at: [45], copies: ["ClientCountry"], print: (r) => country(r, countryOfColo) },
    { at: [55], copies: [], print: (_, stamp) => stamp.bare },
    { at: [62], copies: ["ClientSSLProtocol"], print: (r) => text(r.ClientSSLProtocol) },
  ];
}

/** A run keeps the version that it began with, and so do its re-parses and its continuations. */
export const COLUMNS_BY_VERSION: Readonly<Record<ParseVersion, readonly Column[]>> = {
  1: columnsOf({ duration: seconds, countryOfColo: COUNTRY_OF_COLO }),
  2: columnsOf({ duration: secondsWithoutNegativeZero, countryOfColo: COUNTRY_OF_COLO_2026_05 }),
};

/** 443 for https in any case, 80 for every other scheme. */
function port(scheme: unknown): string {
  const name = textOrEmpty(scheme);
  if (name === "") return "-";
  return name === "https" || name.toLowerCase() === "https" ? "443" : "80";
}

/** Never "-": a missing scheme is http, a missing host nothing, a missing path "/". */
function url(record: LogRecord): string {
  const scheme = textOrEmpty(record.ClientRequestScheme) || "http";
  const host = textOrEmpty(record.ClientRequestHost);
  const uri = textOrEmpty(record.ClientRequestURI) || "/";
  return truncate(`${scheme}://${host}${uri}`, URL_UNITS);
}

/** Lower-case key only; the header map may be of any type. */
function contentLength(headers: unknown): string {
  if (typeof headers !== "object" || headers === null) return "-";
  return "content-length" in headers ? textOrEmpty(headers["content-length"]) || "-" : "-";
}

function country(record: LogRecord, countryOfColo: ReadonlyMap<string, string>): string {
  const colo = textOrEmpty(record.EdgeColoCode);
  const known = countryOfColo.get(colo) ?? countryOfColo.get(colo.toUpperCase());
  return known ?? (textOrEmpty(record.ClientCountry).toUpperCase() || UNKNOWN_COUNTRY);
}
