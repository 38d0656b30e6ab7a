// Stand-ins for receivers of the kind http, each as its vendor documents it: what it demands of a request, what it
// answers, and what it does with a repeated request. They share no code with the product.
import { gunzipSync } from "node:zlib";

export interface VendorRequest {
  method: string;
  url: URL;
  /** By name in lower case. */
  headers: ReadonlyMap<string, string>;
  body: Uint8Array;
}

export interface VendorAnswer {
  status: number;
  body: string;
}

/** `before`: the receiver fails and stores nothing. `after`: it stores the lines, then fails. */
export type Failure = "before" | "after" | null;

export interface Vendor {
  /** True: a repeated request stores nothing again. */
  dedupes: boolean;
  /** True: an answer may accept only some lines. The others are then sent again with other tokens. */
  answersInPart: boolean;
  /** How often each RayID is stored. */
  stored: Map<string, number>;
  answer(request: VendorRequest, failure: Failure): VendorAnswer;
}

type Parsed = { rayIds: string[]; key: string | null; ok: VendorAnswer };
type Read = (request: VendorRequest, text: string) => Parsed | VendorAnswer;

const FAILED: VendorAnswer = { status: 500, body: "internal error" };

function vendor(dedupes: boolean, read: Read): Vendor {
  const stored = new Map<string, number>();
  const keys = new Set<string>();
  return {
    dedupes,
    answersInPart: false,
    stored,
    answer(request, failure) {
      if (failure === "before") return FAILED;
      const gzip = request.headers.get("content-encoding") === "gzip";
      const parsed = read(request, new TextDecoder().decode(gzip ? gunzipSync(request.body) : request.body));
      if ("status" in parsed) return parsed;
      const isKnown = parsed.key !== null && keys.has(parsed.key);
      if (parsed.key !== null) keys.add(parsed.key);
      if (!isKnown) for (const id of parsed.rayIds) stored.set(id, (stored.get(id) ?? 0) + 1);
      return failure === "after" ? FAILED : parsed.ok;
    },
  };
}

function refused(status: number, body: string): VendorAnswer {
  return { status, body };
}

function linesOf(text: string): Record<string, unknown>[] {
  if (!text.endsWith("\n")) throw new Error("the last line has no end");
  return text
    .slice(0, -1)
    .split("\n")
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}

function rayIdsOf(records: readonly Record<string, unknown>[], name: string): string[] {
  return records.map((record) => {
    const id = record[name];
    if (typeof id !== "string") throw new Error(`a record has no ${name}`);
    return id;
  });
}

/** A table that remembers the tokens of its inserts. A repeated token is answered like an insert. */
function clickHouse(): Vendor {
  return vendor(true, ({ url, headers }, text) => {
    if (headers.get("x-clickhouse-key") !== "clickhouse-password") return refused(403, "Code: 516");
    if (!/^INSERT INTO \S+ FORMAT JSONEachRow$/.test(url.searchParams.get("query") ?? ""))
      return refused(400, "Code: 62. DB::Exception: Syntax error");
    const key = url.searchParams.get("insert_deduplication_token");
    return { rayIds: rayIdsOf(linesOf(text), "RayID"), key, ok: { status: 200, body: "" } };
  });
}

/** An index in which a document with a known _id replaces the earlier one. The answer has an item for each document. A
 * few documents are rejected with 429 when they arrive for the first time, as when a queue of the index is full. */
function elasticsearch(): Vendor {
  const stored = new Map<string, number>();
  const documents = new Map<string, string>();
  const rejected = new Set<string>();
  return {
    dedupes: true,
    answersInPart: true,
    stored,
    answer({ url, headers, body }, failure) {
      if (failure === "before") return FAILED;
      if (headers.get("authorization") !== "ApiKey elastic-api-key") return refused(401, "{}");
      if (url.pathname !== "/edge/_bulk" || headers.get("content-type") !== "application/x-ndjson")
        return refused(400, "{}");
      const text = new TextDecoder().decode(headers.has("content-encoding") ? gunzipSync(body) : body);
      const lines = linesOf(text);
      const items = [];
      for (let at = 0; at < lines.length; at += 2) {
        const action = lines[at] as { index: { _id: string } } | undefined;
        const id = action?.index._id ?? "";
        const [rayId = ""] = rayIdsOf(lines.slice(at + 1, at + 2), "RayID");
        const isRejected = Number(id.split("-")[1]) % 97 === 13 && !rejected.has(id);
        rejected.add(id);
        items.push({ index: { status: isRejected ? 429 : documents.has(id) ? 200 : 201 } });
        if (!isRejected) documents.set(id, rayId);
      }
      stored.clear();
      for (const rayId of documents.values()) stored.set(rayId, (stored.get(rayId) ?? 0) + 1);
      if (failure === "after") return FAILED;
      return {
        status: 200,
        body: JSON.stringify({ errors: items.some(({ index }) => index.status === 429), items }),
      };
    },
  };
}

/** Each line is an event. Nothing removes duplicates. */
function splunk(): Vendor {
  return vendor(false, ({ headers }, text) => {
    if (headers.get("authorization") !== "Splunk hec-token-of-splunk")
      return refused(403, '{"text":"Invalid token","code":4}');
    const ok = { status: 200, body: '{"text":"Success","code":0}' };
    return { rayIds: rayIdsOf(linesOf(text), "RayID"), key: null, ok };
  });
}

/** Answers with an empty body. Each record needs the time that the query names. */
function victoriaLogs(): Vendor {
  return vendor(false, ({ url }, text) => {
    const time = url.searchParams.get("_time_field") ?? "";
    const records = linesOf(text);
    if (!records.every((record) => time in record)) return refused(400, "missing time");
    return { rayIds: rayIdsOf(records, "ray"), key: null, ok: { status: 200, body: "" } };
  });
}

/** Takes one JSON array, and answers how many events it stored. */
function axiom(): Vendor {
  return vendor(false, ({ headers }, text) => {
    if (headers.get("authorization") !== "Bearer axiom-api-token") return refused(401, "{}");
    if (headers.get("content-type") !== "application/json") return refused(400, "{}");
    const records = JSON.parse(text) as Record<string, unknown>[];
    const counts = { ingested: records.length, failed: 0, failures: [], processedBytes: text.length };
    return {
      rayIds: rayIdsOf(records, "RayID"),
      key: null,
      ok: { status: 200, body: JSON.stringify(counts) },
    };
  });
}

export const VENDORS = {
  ClickHouse: clickHouse,
  Elasticsearch: elasticsearch,
  "Splunk HEC": splunk,
  VictoriaLogs: victoriaLogs,
  Axiom: axiom,
} as const;
export type VendorName = keyof typeof VENDORS;

/** The configuration in the documents: the JSON block of the section with this name. `url` replaces scheme and host. */
export function documentedReceiver(document: string, name: VendorName, origin: string): string {
  const section = document.split(`### ${name}\n`)[1] ?? "";
  const json = /```json\n([\s\S]*?)```/.exec(section)?.[1];
  if (json === undefined) throw new Error(`no configuration of ${name} in the documents`);
  const settings = JSON.parse(json) as { url: string };
  const { pathname, search } = new URL(settings.url);
  return JSON.stringify({ ...settings, url: origin + pathname + search });
}
