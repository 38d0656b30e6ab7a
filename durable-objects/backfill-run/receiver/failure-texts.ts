// Describes a receiver's failure in a sentence that says which secret to check. Does no I/O.

export function receiverCode(cause: string): string {
  return `receiver_${cause}`;
}

export function explainFailure(cause: string, detail: string): string {
  const said = detail ? `; it said: ${detail}` : "";
  if (cause === "http_401" || cause === "http_403") {
    return `the receiver refuses the signature or the credentials: check CTYUN_PRIVATE_KEY, or the headers of RECEIVER${said}`;
  }
  if (cause === "http_404" || cause === "http_405" || cause === "http_410") {
    return `the receiver does not know the path: check CTYUN_URI_EDGE and CTYUN_ENDPOINT, or the url of RECEIVER${said}`;
  }
  if (cause.startsWith("http_3")) {
    return `the receiver redirects, which is never followed: check CTYUN_ENDPOINT and CTYUN_URI_EDGE, or the url of RECEIVER${said}`;
  }
  if (cause === "http_429" || cause === "http_503") return `the receiver asked to back off (${cause})${said}`;
  if (cause === "timeout" || cause === "reset") return `the receiver cannot be reached (${cause})${said}`;
  return `the receiver fails (${cause})${said}`;
}
