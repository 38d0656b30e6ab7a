// Writes one Logpush http_requests record as a line of JSON, with the members and sizes of real records (about 2.27
// KB). Does no I/O. The same seed gives the same output. Concatenates strings, because JSON.stringify of 70 members per
// record is four times slower.
import { timestampJson, type Instant, type TimestampFormat } from "./instant.ts";
import { hex32, type Random } from "./random.ts";
import { makeClient, makeResource } from "./traffic.ts";

export interface RecordFacts {
  rayId: string;
  /** The RayID of the parent request. Null for a top-level request. */
  parentRayId: string | null;
  start: Instant;
  /** A text that is written instead of a readable EdgeStartTimestamp, or null. */
  unreadableTimestamp: string | null;
}

export type WriteRecord = (facts: RecordFacts) => string;

const CACHE_STATUSES = ["hit", "hit", "hit", "miss", "expired", "stale", "revalidated", "updating"] as const;
const STATUSES = [200, 200, 200, 200, 200, 206, 304, 404, 302, 500] as const;

/** Makes a writer of whole records. Clients and resources are drawn once per writer. Their number makes the output
 * compress like real logs. */
export function recordWriter(random: Random, format: TimestampFormat): WriteRecord {
  const clients = Array.from({ length: 1_500 }, () => makeClient(random));
  const resources = Array.from({ length: 1_200 }, () => makeResource(random));

  return ({ rayId, parentRayId, start, unreadableTimestamp }) => {
    const client = random.pick(clients);
    const resource = random.pick(resources);
    const durationMs = 1 + random.skewed(900);
    const status = random.pick(STATUSES);
    const bodyBytes = random.skewed(400_000);
    const originMs = resource.isStatic ? 0 : random.skewed(800);
    const endNano = start.nano + durationMs * 1_000_000;
    const end: Instant = { second: start.second + Math.floor(endNano / 1e9), nano: endNano % 1e9 };
    const startText = unreadableTimestamp ?? timestampJson(format, start);
    const requestId = `${hex32(random.u32())}-${hex32(random.u32())}`;
    const isSubrequest = parentRayId !== null;
    return (
      `{"EdgeStartTimestamp":${startText},"EdgeEndTimestamp":${timestampJson(format, end)},` +
      `"CacheCacheStatus":"${resource.isStatic ? random.pick(CACHE_STATUSES) : "dynamic"}",` +
      `"CacheResponseBytes":${bodyBytes + 812},"CacheResponseStatus":${status},` +
      client.json +
      resource.json +
      `"ClientRequestURI":"${resource.path}?v=${random.below(1_000)}&t=${random.below(1_000_000)}",` +
      `"ClientRequestBytes":${300 + random.skewed(4_000)},"ClientSrcPort":${1_024 + random.below(64_000)},` +
      `"ClientTCPRTTMs":${random.skewed(200)},"EdgeResponseBodyBytes":${bodyBytes},` +
      `"EdgeResponseBytes":${bodyBytes + 700 + random.below(300)},"EdgeResponseCompressionRatio":${random.chance(0.3) ? 3.21 : 0},` +
      `"EdgeResponseStatus":${status},"EdgeTimeToFirstByteMs":${durationMs},` +
      `"OriginRequestHeaderSendDurationMs":${resource.isStatic ? 0 : random.below(4)},` +
      `"OriginResponseBytes":${resource.isStatic ? 0 : bodyBytes},"OriginResponseDurationMs":${originMs},` +
      `"OriginResponseHeaderReceiveDurationMs":${originMs},"OriginResponseStatus":${resource.isStatic ? 0 : status},` +
      `"OriginResponseTime":${originMs * 1_000_000},"OriginTLSHandshakeDurationMs":${random.skewed(60)},` +
      `"RequestHeaders":{"accept-language":"zh-CN,zh;q=0.9","x-request-id":"${requestId}"},` +
      `"ResponseHeaders":{"content-length":"${bodyBytes}","cache-control":"public, max-age=86400"},` +
      `"WorkerCPUTime":${random.skewed(4_000)},"WorkerStatus":"${isSubrequest ? "ok" : "unknown"}",` +
      `"WorkerSubrequest":${isSubrequest},"WorkerSubrequestCount":${isSubrequest ? 0 : 1},"WorkerWallTimeUs":${random.skewed(90_000)},` +
      `"RayID":"${rayId}","ParentRayID":"${parentRayId ?? "00"}"}\n`
    );
  };
}

/** Makes a writer of small records. They have the members that decide about a line, and few other members. */
export function smallRecordWriter(random: Random, format: TimestampFormat): WriteRecord {
  return ({ rayId, parentRayId, start, unreadableTimestamp }) => {
    const bytes = random.skewed(400_000);
    return (
      `{"EdgeStartTimestamp":${unreadableTimestamp ?? timestampJson(format, start)},` +
      `"ClientIP":"203.0.113.${random.below(256)}","ClientRequestHost":"www.example.cn",` +
      `"ClientRequestMethod":"GET","ClientRequestScheme":"https","ClientRequestURI":"/items/${random.below(1_000)}",` +
      `"EdgeResponseBytes":${bytes},"EdgeResponseStatus":${random.pick(STATUSES)},` +
      `"WorkerSubrequest":${parentRayId !== null},"RayID":"${rayId}","ParentRayID":"${parentRayId ?? "00"}"}\n`
    );
  };
}
