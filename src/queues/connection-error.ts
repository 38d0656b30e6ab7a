// Finds why a POST got no answer, as far as the runtime's error says. Does no I/O. workerd says "Network connection
// lost." for refused, reset and closed connections, and "internal error" for DNS and TLS. With either of these two
// messages, the real cause stays unknown. The other patterns match clearer messages, if a runtime sends them.
import type { ConnectionCause } from "../contract/sending.ts";

const CAUSES: [ConnectionCause, RegExp][] = [
  ["refused", /connection refused|ECONNREFUSED/i],
  ["dns", /\bDNS\b|name resolution|no such host|ENOTFOUND|EAI_AGAIN/i],
  ["tls", /handshake|certificate|\bTLS\b|\bSSL\b/i],
  ["reset", /connection reset|ECONNRESET|EPIPE|broken pipe/i],
  ["connection_lost", /connection lost|disconnected/i],
  ["runtime_error", /internal error/i],
];
/** The causes with which the connection was never established, so that the receiver cannot have accepted anything. */
const NEVER_CONNECTED: ReadonlySet<ConnectionCause> = new Set(["refused", "dns", "tls"]);

export function connectionCause(detail: string): ConnectionCause {
  return CAUSES.find(([, pattern]) => pattern.test(detail))?.[0] ?? "other";
}

export function neverConnected(cause: ConnectionCause): boolean {
  return NEVER_CONNECTED.has(cause);
}
