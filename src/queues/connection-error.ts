// Why a POST got no answer, as far as the runtime's error says it. Pure. workerd says "Network connection lost." for a
// refused connection, a reset one and a closed one alike, and "internal error" for DNS and TLS: those stay untold.
import type { ConnectionCause } from "../contract/parsing.ts";

const CAUSES: [ConnectionCause, RegExp][] = [
  ["refused", /connection refused|ECONNREFUSED/i],
  ["dns", /\bDNS\b|name resolution|no such host|ENOTFOUND|EAI_AGAIN/i],
  ["tls", /handshake|certificate|\bTLS\b|\bSSL\b/i],
  ["reset", /connection reset|ECONNRESET|EPIPE|broken pipe/i],
  ["connection_lost", /connection lost|disconnected/i],
  ["runtime_error", /internal error/i],
];
/** Nothing can have been accepted: the connection was never established. */
const NEVER_CONNECTED: ReadonlySet<ConnectionCause> = new Set(["refused", "dns", "tls"]);

export function connectionCause(detail: string): ConnectionCause {
  return CAUSES.find(([, pattern]) => pattern.test(detail))?.[0] ?? "other";
}

export function neverConnected(cause: ConnectionCause): boolean {
  return NEVER_CONNECTED.has(cause);
}
