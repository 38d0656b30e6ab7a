// Makes the partner line in a simple way: an array of 145 fields, filled from docs/reference/line-format.md field by
// field. The bench compares the speed of src/pipeline with this file, and the differential test compares the lines.
// So this file shares no code with src/pipeline.
import colos2026 from "../../test/fixtures/golden/colo-country-2026-05.json" with { type: "json" };
import colos from "../../test/fixtures/golden/colo-country.json" with { type: "json" };
import { beijingStamp, epochSeconds } from "./instant.ts";

export type Json = string | number | boolean | null | Json[] | { [key: string]: Json };
export type LogJson = { [key: string]: Json | undefined };

const COUNTRY_OF_COLO = new Map(Object.entries<string>(colos));
const COUNTRY_OF_COLO_2026 = new Map(Object.entries<string>(colos2026));
const HIT = new Set(["hit", "stale", "revalidated", "updating"]);
const MISS = new Set(["miss", "expired", "bypass", "dynamic", "none"]);

/** The line of one record, and the number of its source fields in which a control character was replaced. */
export interface Formatted {
  line: string;
  sanitized: number;
}

/** What the format edge-3.0-2026-05 needs in addition to the record: the end of the request and the constants. */
export interface Of2026 {
  endMs: number | null;
  field11: string;
  field58: string;
}

/** `of2026` null: the line is edge-3.0. */
export function formatLine(r: LogJson, ms: number, of2026: Of2026 | null = null): Formatted {
  const sanitized = new Set<string>();
  /** Removes control characters from `value`. `sources` are the source fields whose text the value may contain. */
  const clean = (value: string, ...sources: string[]): string => {
    if (of2026 && value.replaceAll(CONTROLS, " ").trim() === "") return "-";
    if (!hasControl(value)) return value;
    for (const source of sources)
      if (sources.length === 1 || hasControl(text(r[source]))) sanitized.add(source);
    return value.replaceAll(CONTROLS, " ");
  };
  const plain = (name: string): string => clean(text(r[name]), name);
  const fields = Array<string>(145).fill("-");
  const set = (value: string, ...at: number[]): void => {
    for (const field of at) fields[field - 1] = value;
  };
  const stamp = beijingStamp(ms);
  const scheme = textOrEmpty(r["ClientRequestScheme"]);
  const cache = typeof r["CacheCacheStatus"] === "string" ? r["CacheCacheStatus"].toLowerCase() : "";
  set("cf_vod_v3.0", 1);
  set(`[${stamp}]`, 2);
  set(plain("RayID"), 3);
  set(plain("EdgeResponseStatus"), 4);
  set(epochSeconds(ms), 5);
  set(seconds(r["EdgeTimeToFirstByteMs"]), 6, 9);
  set(seconds(r["OriginResponseHeaderReceiveDurationMs"]), 7);
  set(seconds(r["OriginRequestHeaderSendDurationMs"]), 8);
  set(plain("EdgeServerIP"), 11);
  set(scheme === "" ? "-" : scheme.toLowerCase() === "https" ? "443" : "80", 12);
  set(plain("ClientIP"), 13, 36, 40);
  set(plain("ClientSrcPort"), 14);
  set(plain("ClientRequestMethod"), 15);
  set(plain("ClientRequestScheme"), 16);
  set(plain("ClientRequestHost"), 17, 60);
  const url = `${scheme || "http"}://${textOrEmpty(r["ClientRequestHost"])}${textOrEmpty(r["ClientRequestURI"]) || "/"}`;
  set(clean(cut(url, 4096), "ClientRequestScheme", "ClientRequestHost", "ClientRequestURI"), 18);
  set(plain("ClientRequestProtocol"), 19);
  set(plain("ClientRequestBytes"), 20);
  set(clean(contentLength(r["ResponseHeaders"]), "ResponseHeaders"), 21);
  set(plain("EdgeResponseBytes"), 22);
  set(plain("EdgeResponseBodyBytes"), 23);
  set(plain("OriginIP"), 24, 29);
  set(plain("OriginResponseStatus"), 25, 30);
  set(seconds(r["OriginResponseDurationMs"]), 26);
  set(HIT.has(cache) ? "HIT" : MISS.has(cache) ? "MISS" : "-", 27, 28);
  set(plain("EdgeResponseContentType"), 33);
  set(clean(cut(text(r["ClientRequestReferer"]), 2048), "ClientRequestReferer"), 34);
  set(clean(cut(text(r["ClientRequestUserAgent"]), 1024), "ClientRequestUserAgent"), 35);
  set(cache === "hit" ? "static" : cache === "dynamic" ? "dynamic" : "-", 42);
  set(seconds(r["OriginTLSHandshakeDurationMs"]), 44);
  if (!of2026) set(clean(country(r), "ClientCountry"), 45);
  set(stamp, 55);
  if (of2026) {
    const { endMs, field11, field58 } = of2026;
    const isOrdered = endMs !== null && endMs >= ms;
    set(
      isOrdered ? `${Math.floor((endMs - ms) / 1000)}.${String((endMs - ms) % 1000).padStart(3, "0")}` : "-",
      6,
    );
    const ip = r["EdgeServerIP"] ?? "";
    if (typeof ip === "string" && ip.replaceAll(CONTROLS, " ").trim() === "") set(field11, 11);
    set(COUNTRY_OF_COLO_2026.get(textOrEmpty(r["EdgeColoCode"]).toUpperCase()) ?? "SG", 45);
    set(field58, 58);
  }
  set(plain("ClientSSLProtocol"), 62);
  return { line: `${fields.join("\u0001")}\n`, sanitized: sanitized.size };
}

function cut(value: string, units: number): string {
  const head = value.slice(0, units);
  const isSplit = value.length > units && /[\ud800-\udbff]$/.test(head) && /^[\udc00-\udfff]/.test(value.slice(units)); // prettier-ignore
  return isSplit ? head.slice(0, -1) : head;
}

// oxlint-disable-next-line no-control-regex
const CONTROL = /[\u0000-\u001f\u007f]/;
// oxlint-disable-next-line no-control-regex
const CONTROLS = /[\u0000-\u001f\u007f]/g;

function hasControl(value: string): boolean {
  return CONTROL.test(value);
}

export function text(value: Json | undefined): string {
  if (value === undefined || value === null || value === "") return "-";
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}

/** The rules about an empty part treat 0 and false as empty too. */
function textOrEmpty(value: Json | undefined): string {
  return value ? text(value) : "";
}

function seconds(value: Json | undefined): string {
  if (value === undefined || value === null || typeof value === "object") return "-";
  if (typeof value === "string" && value.trim() === "") return "-";
  const ms = Number(value);
  if (!Number.isFinite(ms)) return "-";
  const shown = (ms / 1000).toFixed(3);
  return shown.includes("e") ? `${BigInt(ms / 1000)}.000` : shown;
}

function contentLength(headers: Json | undefined): string {
  if (typeof headers !== "object" || headers === null || Array.isArray(headers)) return "-";
  return textOrEmpty(headers["content-length"]) || "-";
}

function country(r: LogJson): string {
  const colo = COUNTRY_OF_COLO.get(textOrEmpty(r["EdgeColoCode"]).toUpperCase());
  return colo ?? (textOrEmpty(r["ClientCountry"]).toUpperCase() || "CN");
}
