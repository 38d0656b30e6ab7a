// The cause of a failed connection is reported when the runtime's error contains it, and never guessed.
import { expect, it } from "vitest";
import { connectionCause, neverConnected } from "../../../src/queues/connection-error.ts";

it.each([
  ["TypeError: connect ECONNREFUSED 127.0.0.1:1", "refused", true],
  ["Error: DNS lookup failed", "dns", true],
  ["TypeError: getaddrinfo ENOTFOUND host", "dns", true],
  ["Error: TLS handshake failed", "tls", true],
  ["Error: certificate has expired", "tls", true],
  ["Error: read ECONNRESET", "reset", false],
  // workerd gives this text for refused connections too.
  ["Error: Network connection lost.", "connection_lost", false],
  // workerd gives this text for DNS and TLS failures.
  ["Error: internal error; reference = vjqicobckvngn98f2p3hki0n", "runtime_error", false],
  ["TypeError: something new", "other", false],
] as const)("reads %j as %s", (detail, cause, never) => {
  expect(connectionCause(detail)).toBe(cause);
  expect(neverConnected(cause)).toBe(never);
});
