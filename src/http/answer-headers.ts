// The headers that every answer has, also errors and streams. There is no CORS header, because a page of another
// origin must not read an answer.
const ALWAYS = {
  "X-Content-Type-Options": "nosniff",
  "Referrer-Policy": "no-referrer",
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Resource-Policy": "same-origin",
};
/** These headers are set unless the route has set its own. */
const UNLESS_GIVEN = {
  "Cache-Control": "no-store",
  "Content-Security-Policy":
    "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
};

export function withAnswerHeaders(response: Response): Response {
  for (const [name, value] of Object.entries(ALWAYS)) response.headers.set(name, value);
  for (const [name, value] of Object.entries(UNLESS_GIVEN)) {
    if (!response.headers.has(name)) response.headers.set(name, value);
  }
  return response;
}
