// The columns of the partner format cf_vod_v3.0: the number, the source and the rule of each field, declared once. The
// formats (formats/) differ in a few of them. `npm run tables` writes the table into the documents.

import { hitOrMiss, staticOrDynamic } from "./cache-status.ts";
import { column, constant, copy, length, mapped, time, type Column } from "./column.ts";
import type { LogRecord } from "./log-record.ts";
import { text, textOrEmpty } from "./text.ts";
import type { TextForm } from "./text-form.ts";

const FORMAT_NAME = "cf_vod_v3.0";
const URL_UNITS = 4096;
const REFERER_UNITS = 2048;
const USER_AGENT_UNITS = 1024;
/** The partner counts traffic from an unknown place as domestic. */
const UNKNOWN_COUNTRY = "CN";

const URL_SOURCES = ["ClientRequestScheme", "ClientRequestHost", "ClientRequestURI"] as const;

/** The texts of rules that need more than one word. */
const RULES = {
  port: "`443` for https in any case, `80` for any other, `-` when empty",
  url: `\`scheme://hostURI\`; empty scheme → \`http\`, empty host → nothing, empty URI → \`/\`; cut to ${URL_UNITS}`,
  contentLength: "text of `content-length`, lower-case key only; `-` when empty",
  hitOrMiss:
    "`HIT`: hit, stale, revalidated, updating. `MISS`: miss, expired, bypass, dynamic, none. Any case; else `-`",
  staticOrDynamic: "`static` for hit, `dynamic` for dynamic, any case; else `-`",
  country: `country of the data centre; else ClientCountry in upper case; else \`${UNKNOWN_COUNTRY}\``,
} as const;

/** The differences between parse versions: how a duration is printed, and which data centres are known. */
export interface ColumnRules {
  duration: (value: unknown, texts: TextForm) => string;
  countryOfColo: ReadonlyMap<string, string>;
}

/** Each `print` names its field literally. A shared function with the name as an argument would read fields more
 * slowly. */
export function columnsOf({ duration, countryOfColo }: ColumnRules): readonly Column[] {
  return [
    constant([1], FORMAT_NAME),
    time([2], "`[DD/Mon/YYYY:HH:MM:SS +0800]`, always +08:00", (_, stamp) => stamp.bracketed),
    copy([3], "RayID", (r) => text(r.RayID)),
    copy([4], "EdgeResponseStatus", (r) => text(r.EdgeResponseStatus)),
    time([5], "epoch seconds with 3 decimals, rounded down", (_, stamp) => stamp.epoch),
    length([6, 9], "EdgeTimeToFirstByteMs", (r, _stamp, { texts }) =>
      duration(r.EdgeTimeToFirstByteMs, texts),
    ),
    length([7], "OriginResponseHeaderReceiveDurationMs", (r, _stamp, { texts }) =>
      duration(r.OriginResponseHeaderReceiveDurationMs, texts),
    ),
    length([8], "OriginRequestHeaderSendDurationMs", (r, _stamp, { texts }) =>
      duration(r.OriginRequestHeaderSendDurationMs, texts),
    ),
    copy([11], "EdgeServerIP", (r) => text(r.EdgeServerIP)),
    mapped([12], ["ClientRequestScheme"], RULES.port, (r) => port(r.ClientRequestScheme)),
    copy([13, 36, 40], "ClientIP", (r) => text(r.ClientIP)),
    copy([14], "ClientSrcPort", (r) => text(r.ClientSrcPort)),
    copy([15], "ClientRequestMethod", (r) => text(r.ClientRequestMethod)),
    copy([16], "ClientRequestScheme", (r) => text(r.ClientRequestScheme)),
    copy([17, 60], "ClientRequestHost", (r) => text(r.ClientRequestHost)),
    column([18], URL_SOURCES, RULES.url, URL_SOURCES, (r, _stamp, { texts }) => url(r, texts)),
    copy([19], "ClientRequestProtocol", (r) => text(r.ClientRequestProtocol)),
    copy([20], "ClientRequestBytes", (r) => text(r.ClientRequestBytes)),
    copy([21], "ResponseHeaders", (r) => contentLength(r.ResponseHeaders), RULES.contentLength),
    copy([22], "EdgeResponseBytes", (r) => text(r.EdgeResponseBytes)),
    copy([23], "EdgeResponseBodyBytes", (r) => text(r.EdgeResponseBodyBytes)),
    copy([24, 29], "OriginIP", (r) => text(r.OriginIP)),
    copy([25, 30], "OriginResponseStatus", (r) => text(r.OriginResponseStatus)),
    length([26], "OriginResponseDurationMs", (r, _stamp, { texts }) =>
      duration(r.OriginResponseDurationMs, texts),
    ),
    mapped([27, 28], ["CacheCacheStatus"], RULES.hitOrMiss, (r) => hitOrMiss(r.CacheCacheStatus)),
    copy([33], "EdgeResponseContentType", (r) => text(r.EdgeResponseContentType)),
    copy(
      [34],
      "ClientRequestReferer",
      (r, _stamp, { texts }) => texts.cut(text(r.ClientRequestReferer), REFERER_UNITS),
      `text, cut to ${REFERER_UNITS}`,
    ),
    copy(
      [35],
      "ClientRequestUserAgent",
      (r, _stamp, { texts }) => texts.cut(text(r.ClientRequestUserAgent), USER_AGENT_UNITS),
      `text, cut to ${USER_AGENT_UNITS}`,
    ),
    mapped([42], ["CacheCacheStatus"], RULES.staticOrDynamic, (r) => staticOrDynamic(r.CacheCacheStatus)),
    length([44], "OriginTLSHandshakeDurationMs", (r, _stamp, { texts }) =>
      duration(r.OriginTLSHandshakeDurationMs, texts),
    ),
    column(
      [45],
      ["EdgeColoCode", "ClientCountry"],
      RULES.country,
      ["ClientCountry"],
      (r, _stamp, { texts }) => country(r, countryOfColo, texts),
    ),
    time([55], "as field 2, without the brackets", (_, stamp) => stamp.bare),
    copy([62], "ClientSSLProtocol", (r) => text(r.ClientSSLProtocol)),
  ];
}

/** 443 for https in any spelling, 80 for every other scheme. */
function port(scheme: unknown): string {
  const name = textOrEmpty(scheme);
  if (name === "") return "-";
  return name === "https" || name.toLowerCase() === "https" ? "443" : "80";
}

/** Returns the URL of a request, never "-". A missing scheme is http, a missing host is empty, a missing path is
 * "/". */
function url(record: LogRecord, texts: TextForm): string {
  const scheme = textOrEmpty(record.ClientRequestScheme) || "http";
  const host = textOrEmpty(record.ClientRequestHost);
  const uri = textOrEmpty(record.ClientRequestURI) || "/";
  return texts.cut(`${scheme}://${host}${uri}`, URL_UNITS);
}

/** The value of the header `content-length`. Only this lower-case name counts. The header map may be of any
 * type. */
function contentLength(headers: unknown): string {
  if (typeof headers !== "object" || headers === null) return "-";
  return "content-length" in headers ? textOrEmpty(headers["content-length"]) || "-" : "-";
}

function country(record: LogRecord, countryOfColo: ReadonlyMap<string, string>, texts: TextForm): string {
  const colo = textOrEmpty(record.EdgeColoCode);
  const known = countryOfColo.get(colo) ?? countryOfColo.get(texts.upper(colo));
  return known ?? (texts.upper(textOrEmpty(record.ClientCountry)) || UNKNOWN_COUNTRY);
}
