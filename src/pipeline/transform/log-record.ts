// The fields of a Logpush http_requests record that this pipeline reads. No value can be trusted: each may
// have any JSON type, or be absent.

export interface LogRecord {
  CacheCacheStatus?: unknown;
  ClientCountry?: unknown;
  ClientIP?: unknown;
  ClientRequestBytes?: unknown;
  ClientRequestHost?: unknown;
  ClientRequestMethod?: unknown;
  ClientRequestProtocol?: unknown;
  ClientRequestReferer?: unknown;
  ClientRequestScheme?: unknown;
  ClientRequestURI?: unknown;
  ClientRequestUserAgent?: unknown;
  ClientSSLProtocol?: unknown;
  ClientSrcPort?: unknown;
  EdgeColoCode?: unknown;
  EdgeEndTimestamp?: unknown;
  EdgeResponseBodyBytes?: unknown;
  EdgeResponseBytes?: unknown;
  EdgeResponseContentType?: unknown;
  EdgeResponseStatus?: unknown;
  EdgeServerIP?: unknown;
  EdgeStartTimestamp?: unknown;
  EdgeTimeToFirstByteMs?: unknown;
  OriginIP?: unknown;
  OriginRequestHeaderSendDurationMs?: unknown;
  OriginResponseDurationMs?: unknown;
  OriginResponseHeaderReceiveDurationMs?: unknown;
  OriginResponseStatus?: unknown;
  OriginTLSHandshakeDurationMs?: unknown;
  ParentRayID?: unknown;
  RayID?: unknown;
  ResponseHeaders?: unknown;
  WorkerSubrequest?: unknown;
}
